using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Signaling;
using Bridge.Tests.Calls;

namespace Bridge.Tests.Money;

/// <summary>Money, time and tokens as operators see them.</summary>
public sealed class UsageTests
{
    private const string Key = "operators-have-this-key-of-32-characters";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operators_read_the_usage_of_a_day_and_nobody_else_does()
    {
        var data = Directory.CreateTempSubdirectory("bridge-usage");
        await using (var host = await RunningHost.StartAsync(("Data", data.FullName), ("Access:OperatorKey", Key)))
        {
            var book = host.Get<UsageBook>();
            book.Began(new UsageKey("demo", "a1", "gpt-realtime"));
            book.Lasted(new UsageKey("demo", "a1", "gpt-realtime"), TimeSpan.FromSeconds(90));
            book.Used(new UsageKey("demo", "a1", "gpt-realtime"), new ModelUsage(100, 20, 5, 64, 0, 0, 30, 40), 0.0125m);
            book.Used(new UsageKey("demo", "b2", "gpt-realtime"), new ModelUsage(1, 0, 0, 0, 0, 0, 0, 0), 0.5m);
            using var http = new HttpClient { BaseAddress = host.Address };
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/api/usage", Cancellation)).StatusCode);
            http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
            var report = await http.GetFromJsonAsync<JsonElement>("/api/usage", Cancellation);
            Assert.Equal((0.5125m, 1.5, 1), (report.GetProperty("dollars").GetDecimal(), report.GetProperty("minutes").GetDouble(), report.GetProperty("calls").GetInt32()));
            var rows = report.GetProperty("rows").EnumerateArray().ToList();
            Assert.Equal(["b2", "a1"], rows.Select(r => r.GetProperty("caller").GetString()));
            Assert.Equal("""{"inputText":100,"inputAudio":20,"inputImage":5,"cached":64,"outputText":30,"outputAudio":40,"transcription":0,"transcribedSeconds":0,"sessionSeconds":0}""", rows[1].GetProperty("tokens").GetRawText());
            var empty = await http.GetFromJsonAsync<JsonElement>("/api/usage?day=2020-02-29", Cancellation);
            Assert.Equal(0, empty.GetProperty("rows").GetArrayLength());
            foreach (var wrong in new[] { "yesterday", "2026-02-30", "2026-11-30/../..", "" })
            {
                Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("/api/usage?day=" + Uri.EscapeDataString(wrong), Cancellation)).StatusCode);
            }

            Assert.Contains("\"/api/usage\"", await http.GetStringAsync("/openapi/v1.json", Cancellation), StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(Path.Combine(data.FullName, "usage"), "*.json"));
        data.Delete(recursive: true);
    }

    [Fact]
    public void The_meter_counts_dollars_minutes_and_tokens_by_role_caller_and_model()
    {
        using var metrics = new BridgeMetrics();
        var told = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == BridgeMetrics.MeterName && instrument.Name.StartsWith("bridge.usage", StringComparison.Ordinal))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Tell(i, value, tags));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Tell(i, value, tags));
        listener.Start();
        new UsageBook(TimeProvider.System, metrics).Used(new UsageKey("usage-role", "a1", "m"), new ModelUsage(1, 2, 0, 0, 0, 0, 3, 4), 0.25m);
        Assert.Equal(
            ["bridge.usage.cost 0.25 role=usage-role caller=a1 model=m", "bridge.usage.tokens 3 role=usage-role caller=a1 model=m direction=input", "bridge.usage.tokens 7 role=usage-role caller=a1 model=m direction=output"],
            told);

        void Tell(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{instrument.Name} {value} ") + string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));
            if (text.Contains("usage-role", StringComparison.Ordinal))
            {
                told.Add(text);
            }
        }
    }

    [Fact]
    public async Task A_join_without_money_opens_no_call_and_says_until_when()
    {
        var data = Directory.CreateTempSubdirectory("bridge-usage");
        await using (var host = await RunningHost.StartAsync(
            ("Data", data.FullName), ("Budgets:HostDay:Dollars", "0.02"), ("Prices:rehearsal:AudioOutput", "64")))
        {
            await using var page = await HubClient.ConnectAsync(host.Address, Cancellation);
            var (_, error) = await page.InvokeAsync("Join", new { role = "demo" }, Cancellation);
            Assert.Matches(@"budget_spent: The budget for calls is used up; there is another one tomorrow. \(retryAfter: \d", error);
        }

        data.Delete(recursive: true);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("model: { name: other }\n", SignalCodes.NoPrice)]
    [InlineData("model: { economy: other }\n", SignalCodes.NoPrice)]
    public async Task A_role_whose_model_has_no_price_takes_no_calls_where_dollars_are_limited(string yaml, string? code)
    {
        var options = Microsoft.Extensions.Options.Options.Create(new BridgeOptions { Budgets = { Call = { Dollars = 1 } } });
        options.Value.OpenAi.ApiKey = "some key";
        options.Value.OpenAi.Model = "gpt-realtime";
        options.Value.Prices["gpt-realtime"] = new PriceOptions { AudioOutput = 64 };
        var door = new BudgetDoor(new MemoryLedger(TimeProvider.System), new CallerNames(options), new ModelDirectory(options), options, TimeProvider.System);
        var role = new MemoryRoles().Add("dear", yaml);
        var refusal = await Record.ExceptionAsync(() => door.CheckAsync(role, Caller.Anonymous));
        Assert.Equal(code, (refusal as SignalRefusal)?.Code);
        options.Value.Budgets.Call.Dollars = null;
        await door.CheckAsync(role, Caller.Anonymous);
        Assert.Equal(code, ((await Record.ExceptionAsync(() => door.CheckAsync(role, new Caller { Subject = "ada", Budget = 1 }))) as SignalRefusal)?.Code);
    }
}
