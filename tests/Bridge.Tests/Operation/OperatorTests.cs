using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bridge.Calls;
using Bridge.Metrics;
using Bridge.Records;

namespace Bridge.Tests.Operation;

/// <summary>The requests of the operator's page, and the answers that everybody else gets to them.</summary>
public sealed class OperatorTests : IAsyncLifetime
{
    private const string Key = "operators-have-this-key-of-32-characters";
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-operator-").FullName;
    private RunningHost _host = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var role = Directory.CreateDirectory(Path.Combine(_data, "roles", "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(role, "role.yaml"), "name: Broken\nvoise: echo\n", Cancellation);
        var good = Directory.CreateDirectory(Path.Combine(_data, "roles", "good")).FullName;
        await File.WriteAllTextAsync(Path.Combine(good, "role.yaml"), "name: Good\ndescription: A role of a test.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(good, "agent.instruct"), "A secret prompt.\n", Cancellation);
        _host = await RunningHost.StartAsync(("Data", _data), ("Roles", Path.Combine(_data, "roles")), ("Access:OperatorKey", Key));
        _http = new HttpClient { BaseAddress = _host.Address, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData("GET", "/api/live")]
    [InlineData("GET", "/api/health")]
    [InlineData("GET", "/api/operator/roles")]
    [InlineData("GET", "/api/charts")]
    [InlineData("POST", "/api/calls/abc/end")]
    [InlineData("DELETE", "/api/calls/abc")]
    public async Task Nobody_else_learns_that_there_is_anything(string method, string path)
    {
        using var stranger = new HttpClient { BaseAddress = _host.Address };
        foreach (var presented in new[] { null, "Bearer", "Bearer " + Key[1..], "Basic " + Key })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", presented);
            using var answer = await stranger.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsStringAsync(Cancellation));
        }

        var described = path.Replace("abc", "{id}", StringComparison.Ordinal);
        Assert.Contains(described, await stranger.GetStringAsync("/openapi/v1.json", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_seen_from_its_join_to_its_end_by_the_operator()
    {
        using var answer = await _http.GetAsync("/api/live?most=1", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(0, (await NextAsync(lines)).GetProperty("count").GetInt32());

        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "good" }, Cancellation)).Error);
        await hub.InvokeAsync("Join", new { role = "good" }, Cancellation);
        JsonElement state;
        do
        {
            state = await NextAsync(lines);
        }
        while (state.GetProperty("count").GetInt32() < 2);

        var call = Assert.Single(state.GetProperty("calls").EnumerateArray());
        Assert.Equal(
            ("good", "Good", "rehearsal", "connecting"),
            (Text(call, "role"), Text(call, "name"), Text(call, "model"), Text(call, "state")));
        Assert.Equal(JsonValueKind.Null, call.GetProperty("callerLevel").ValueKind);
        Assert.Equal(JsonValueKind.Array, call.GetProperty("blockers").ValueKind);
        Assert.DoesNotContain("secret", state.GetRawText(), StringComparison.Ordinal);

        var living = _host.Get<CallRegistry>().Calls.Single(c => c.Id == Text(call, "id"));
        using var ended = await _http.PostAsync($"/api/calls/{living.Id}/end", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, ended.StatusCode);
        Assert.Equal(CallEnd.EndedByOperator, await living.Ended.WaitAsync(Cancellation));
        using var again = await _http.PostAsync("/api/calls/nothing/end", null, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        do
        {
            state = await NextAsync(lines);
        }
        while (state.GetProperty("count").GetInt32() > 1);
    }

    [Fact]
    public async Task Pages_of_one_operator_are_bounded_and_a_closed_one_makes_room()
    {
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < 8; i++)
        {
            open.Add(await _http.GetAsync("/api/live", HttpCompletionOption.ResponseHeadersRead, Cancellation));
            Assert.Equal(HttpStatusCode.OK, open[^1].StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync());
        open.ForEach(o => o.Dispose());
        while (await StatusAsync() != HttpStatusCode.OK)
        {
            await Task.Yield();
        }

        using var wrong = await _http.GetAsync("/api/live?most=many", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        async Task<HttpStatusCode> StatusAsync()
        {
            using var one = await _http.GetAsync("/api/live", HttpCompletionOption.ResponseHeadersRead, Cancellation);
            return one.StatusCode;
        }
    }

    [Fact]
    public async Task Roles_are_listed_with_their_errors_and_revisions_and_without_their_prompts()
    {
        var report = await _http.GetFromJsonAsync<JsonElement>("/api/operator/roles", Cancellation);
        var roles = report.GetProperty("roles").EnumerateArray().ToList();
        Assert.Equal(["broken", "good"], roles.Select(r => Text(r, "slug")));
        var error = roles[0].GetProperty("errors")[0];
        Assert.Equal(("broken/role.yaml", 2), (Text(error, "file"), error.GetProperty("line").GetInt32()));
        Assert.NotEmpty(Text(roles[1], "revision")!);
        Assert.True(roles[1].GetProperty("loaded").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-5));
        Assert.DoesNotContain("secret", report.GetRawText(), StringComparison.Ordinal);

        var broken = Path.Combine(_data, "roles", "broken");
        await File.WriteAllTextAsync(
            Path.Combine(broken, "role.yaml"), "name: Mended\ndescription: A role of a test.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(broken, "agent.instruct"), "Mended.\n", Cancellation);
        _host.Get<Bridge.Roles.RoleCatalog>().Reload();
        var mended = (await _http.GetFromJsonAsync<JsonElement>("/api/operator/roles", Cancellation)).GetProperty("roles");
        Assert.Equal("Mended", Text(mended[0], "name"));
        Assert.True(Loaded(mended[0]) > Loaded(roles[0]));
        Assert.Equal(Loaded(roles[1]), Loaded(mended[1]));

        static DateTimeOffset Loaded(JsonElement role) => role.GetProperty("loaded").GetDateTimeOffset();
    }

    [Fact]
    public async Task Health_tells_of_store_model_disk_memory_and_of_what_calls_met()
    {
        _host.Get<BridgeMetrics>().Problem("rate_limit_exceeded");
        _host.Get<BridgeMetrics>().Problem("rate_limit_exceeded");
        var health = await _http.GetFromJsonAsync<JsonElement>("/api/health", Cancellation);
        Assert.Equal("ready", Text(health, "state"));
        var records = health.GetProperty("records");
        Assert.Equal(("sqlite", true), (Text(records, "kind"), records.GetProperty("well").GetBoolean()));
        Assert.True(health.GetProperty("model").GetProperty("reachable").GetBoolean());
        var disk = health.GetProperty("disk");
        Assert.InRange(disk.GetProperty("free").GetInt64(), 1, disk.GetProperty("total").GetInt64());
        var roles = health.GetProperty("roles");
        Assert.Equal((1, 1), (roles.GetProperty("served").GetInt32(), roles.GetProperty("broken").GetInt32()));
        var problem = Assert.Single(health.GetProperty("problems").EnumerateArray());
        Assert.Equal(("rate_limit_exceeded", 2), (Text(problem, "code"), problem.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Charts_sum_up_the_calls_of_a_span_and_refuse_what_is_none()
    {
        var begin = new DateTimeOffset(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);
        await _host.Get<ICallStore>().WriteAsync(
            [
                new RecordWrite.Begun("a1", new CallOrigin("other", "good", "m", begin.AddMinutes(7), null, null, [])),
                new RecordWrite.Ended("a1", new CallClosing("good", begin.AddMinutes(9), "hangup", null, 0, null)),
            ],
            Cancellation);
        var chart = await _http.GetFromJsonAsync<JsonElement>("/api/charts?by=hour&from=2026-11-30T07:30:00Z&to=2026-12-01", Cancellation);
        Assert.Equal("2026-11-30T07:00:00+00:00", Text(chart, "from"));
        var sum = Assert.Single(chart.GetProperty("sums").EnumerateArray());
        Assert.Equal(
            ("2026-11-30T08:00:00+00:00", 1, 2.0),
            (Text(sum, "at"), sum.GetProperty("calls").GetInt32(), sum.GetProperty("minutes").GetDouble()));
        foreach (var wrong in new[] { "by=year", "from=now", "from=2026-11-30&to=2026-11-29", "by=hour&from=2000-01-01" })
        {
            using var answer = await _http.GetAsync("/api/charts?" + wrong, Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Fact]
    public void A_level_rises_at_once_and_falls_slowly()
    {
        var meter = new LevelMeter();
        Assert.Null(meter.Read(TimeSpan.FromSeconds(1)));
        meter.Show(-20, TimeSpan.FromSeconds(1));
        meter.Show(-60, TimeSpan.FromMilliseconds(1_020));
        Assert.InRange(meter.Read(TimeSpan.FromMilliseconds(1_020))!.Value, -22, -20);
        Assert.InRange(meter.Read(TimeSpan.FromMilliseconds(2_000))!.Value, -53, -51);
        Assert.Equal(-127, meter.Read(TimeSpan.FromSeconds(60)));
        meter.Show(0, TimeSpan.FromSeconds(61));
        Assert.Equal(0, meter.Read(TimeSpan.FromSeconds(61)));
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static async Task<JsonElement> NextAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
            }
        }

        throw new IOException("The feed is over.");
    }
}
