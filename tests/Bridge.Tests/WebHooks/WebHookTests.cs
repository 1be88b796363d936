using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bridge.Configuration;
using Bridge.Records;
using Bridge.Tests.Records;
using Bridge.WebHooks;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.WebHooks;

/// <summary>Events on their way from the store to a real receiver.</summary>
public sealed class WebHookTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private const int Failing = 160;
    private const int Well = 161;
    private const int Dead = 162;
    private const int Gone = 163;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly string Secret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly string OldSecret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(100, 24).Select(i => (byte)i)]);
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_of_a_call_are_delivered_signed_and_the_documented_check_accepts_them_with_either_secret()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var bench = await HookBench.StartAsync(TimeProvider.System, null, Hook(receiver, secret: $"{Secret} {OldSecret}"));
        await bench.Writer.PostAsync(Begun("a1"));
        await bench.Writer.SaveAsync(Note("a1", "n1"), Cancellation);
        bench.Writer.Post(new RecordWrite.BudgetWarned("a1", "cost_low", Start.AddSeconds(5)));
        await bench.Writer.PostAsync(Ended("a1"));
        var received = (await receiver.UntilAsync(4)).OrderBy(r => r.Type).ToList();
        Assert.Equal(["budget.warning", "call.ended", "call.started", "note.saved"], received.Select(r => r.Type));
        Assert.Equal(4, received.Select(r => r.Id).Distinct().Count());
        Assert.All(received, r => Assert.Equal("a1", r.Data.GetProperty("callId").GetString()));
        Assert.Equal("cost_low", received[0].Data.GetProperty("budget").GetString());
        Assert.Equal(
            ("hangup", "They **ordered**.", "anna"),
            (received[1].Data.GetProperty("reason").GetString(), received[1].Data.GetProperty("recap").GetString(),
                received[1].Data.GetProperty("caller").GetString()));
        Assert.Equal(2, received[1].Data.GetProperty("outcome").GetProperty("dishes").GetInt32());
        Assert.Equal("Two gyoza.", received[3].Data.GetProperty("note").GetProperty("text").GetString());
        foreach (var one in received)
        {
            Assert.Equal("accepted", await CheckAsync(one, Secret));
            Assert.Equal("accepted", await CheckAsync(one, OldSecret));
        }

        Assert.Equal("refused", await CheckAsync(received[0] with { Body = received[0].Body + " " }, Secret));
        Assert.Equal("refused", await CheckAsync(received[0], "whsec_" + Convert.ToBase64String(new byte[32])));
        Assert.Equal("refused", await CheckAsync(received[0] with { Timestamp = "1600000000" }, Secret));
        await UntilEmptyAsync(bench, receiver);
    }

    [Fact]
    public async Task A_receiver_that_is_down_is_tried_with_growing_pauses_under_one_id_until_it_is_back()
    {
        var time = new FakeTimeProvider(Start);
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = _ => 500;
        var hook = Hook(receiver);
        await using var bench = await HookBench.StartAsync(time, null, hook);
        await bench.Writer.PostAsync(Begun("a1"));
        await receiver.UntilAsync(1);
        for (var attempt = 1; attempt < 4; attempt++)
        {
            await PassAsync(bench, hook, time, receiver);
        }

        receiver.Status = _ => 200;
        await PassAsync(bench, hook, time, receiver);
        await UntilEmptyAsync(bench, receiver);
        Assert.Single(receiver.All.Select(r => r.Id).Distinct());
        Assert.Single(receiver.All.Select(r => r.Body).Distinct());
        var at = receiver.All.Select(r => long.Parse(r.Timestamp, CultureInfo.InvariantCulture)).ToList();
        int[] pauses = [5, 300, 1800, 7200];
        Assert.All(pauses.Index(), p => Assert.InRange(at[p.Index + 1] - at[p.Index], p.Item - 1, (p.Item * 1.1) + 1));
        Assert.Equal([Failing, Well], bench.Log.Ids);
    }

    [Fact]
    public async Task An_event_that_ten_attempts_did_not_deliver_is_dead_and_said_once()
    {
        var time = new FakeTimeProvider(Start);
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = _ => 404;
        var hook = Hook(receiver, events: ["call.started"]);
        await using var bench = await HookBench.StartAsync(time, null, hook);
        await bench.Writer.PostAsync(Begun("a1"));
        await receiver.UntilAsync(1);
        for (var attempt = 1; attempt < WebHookSchedule.MaxAttempts; attempt++)
        {
            await PassAsync(bench, hook, time, receiver);
        }

        while (await bench.Outbox.CountAsync(hook.Key, Cancellation) is not { Waiting: 0, Dead: 1 })
        {
            await Task.Delay(10, Cancellation);
        }

        Assert.Equal([Failing, Dead], bench.Log.Ids);
        Assert.DoesNotContain("hook/", bench.Log.Text, StringComparison.Ordinal);
        Assert.InRange(time.GetUtcNow() - Start, TimeSpan.FromHours(75), TimeSpan.FromHours(85));
    }

    [Fact]
    public async Task A_receiver_that_answers_gone_gets_nothing_more()
    {
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = _ => 410;
        await using var bench = await HookBench.StartAsync(TimeProvider.System, null, Hook(receiver));
        await bench.Writer.PostAsync(Begun("a1"));
        await receiver.UntilAsync(1);
        await UntilEmptyAsync(bench, receiver);
        await bench.Writer.PostAsync(Ended("a1"));
        await UntilEmptyAsync(bench, receiver);
        Assert.Single(receiver.All);
        Assert.Equal([Gone], bench.Log.Ids);
    }

    [Fact]
    public async Task What_a_busy_receiver_asks_for_is_waited_for()
    {
        var time = new FakeTimeProvider(Start);
        await using var receiver = await HookReceiver.StartAsync();
        (receiver.Status, receiver.RetryAfter) = (_ => 429, "3600");
        var hook = Hook(receiver);
        await using var bench = await HookBench.StartAsync(time, null, hook);
        await bench.Writer.PostAsync(Begun("a1"));
        await receiver.UntilAsync(1);
        while ((await bench.Outbox.CountAsync(hook.Key, Cancellation)).Due != Start.AddHours(1))
        {
            await Task.Delay(10, Cancellation);
        }
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_up_neither_the_store_nor_another_receiver()
    {
        var never = new TaskCompletionSource();
        await using var slow = await HookReceiver.StartAsync();
        await using var quick = await HookReceiver.StartAsync();
        slow.Patience = never.Task;
        await using var bench = await HookBench.StartAsync(TimeProvider.System, null, Hook(slow), Hook(quick));
        await bench.Writer.PostAsync(Begun("a0"));
        await slow.UntilAsync(1);
        for (var i = 1; i <= 20; i++)
        {
            await bench.Writer.PostAsync(Begun(string.Create(CultureInfo.InvariantCulture, $"a{i}")));
        }

        await quick.UntilAsync(21);
        Assert.InRange(slow.All.Count, 1, 8);
        Assert.False(bench.Writer.IsDegraded);
        never.SetResult();
    }

    [Fact]
    public async Task A_receiver_gets_the_events_and_the_roles_that_it_asked_for_and_nothing_of_an_erased_call()
    {
        var time = new FakeTimeProvider(Start);
        await using var ended = await HookReceiver.StartAsync();
        await using var barber = await HookReceiver.StartAsync();
        await using var down = await HookReceiver.StartAsync();
        down.Status = _ => 500;
        var late = Hook(down);
        await using var bench = await HookBench.StartAsync(
            time, null, Hook(ended, events: ["call.ended"]), Hook(barber, roles: ["barber"]), late);
        await bench.Writer.PostAsync(Begun("a1"));
        await bench.Writer.PostAsync(Begun("b1", role: "barber"));
        await bench.Writer.SaveAsync(Note("b1", "n1"), Cancellation);
        await bench.Writer.PostAsync(Ended("a1"));
        await barber.UntilAsync(2);
        await ended.UntilAsync(1);
        await down.UntilAsync(4);
        Assert.Equal(["call.started", "note.saved"], barber.All.Select(r => r.Type).Order());
        Assert.Equal("a1", Assert.Single(ended.All).Data.GetProperty("callId").GetString());
        Assert.Single(await bench.Store.EraseAsync(new Erasure.OfCall("a1"), Start, Cancellation));
        Assert.Equal(2, (await bench.Outbox.CountAsync(late.Key, Cancellation)).Waiting);
    }

    [Fact]
    public async Task An_address_inside_the_network_is_refused_unless_it_is_allowed()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var hook = Hook(receiver);
        hook.AllowPrivate = false;
        await using var bench = await HookBench.StartAsync(TimeProvider.System, null, hook);
        await bench.Writer.PostAsync(Begun("a1"));
        while (bench.Log.Ids.Count == 0)
        {
            await Task.Delay(10, Cancellation);
        }

        Assert.Equal([Failing], bench.Log.Ids);
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task Two_hosts_over_one_PostgreSQL_send_each_event_once()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        const int calls = 100;
        var schema = await server.NewSchemaAsync();
        await using var receiver = await HookReceiver.StartAsync();
        await using var one = await HookBench.StartAsync(TimeProvider.System, schema, Hook(receiver));
        await using var other = await HookBench.StartAsync(TimeProvider.System, schema, Hook(receiver));
        var written = Enumerable.Range(0, calls).Select(i => (i % 2 == 0 ? one : other).Writer.PostAsync(
            Begun(string.Create(CultureInfo.InvariantCulture, $"c{i}"))));
        await Task.WhenAll(written);
        await receiver.UntilAsync(calls);
        await UntilEmptyAsync(one, receiver);
        Assert.Equal(calls, receiver.All.Count);
        Assert.Equal(calls, receiver.All.Select(r => r.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("http://shop.example.org/hook", "", false, "https")]
    [InlineData("nowhere", "", false, "https")]
    [InlineData("https://user:pass@shop.example.org/", "", false, "https")]
    [InlineData("https://shop.example.org/", "whsec_c2hvcnQ=", false, "whsec_")]
    [InlineData("https://shop.example.org/", "geheim-geheim-geheim", false, "whsec_")]
    [InlineData("https://shop.example.org/", "", true, "call.exploded")]
    public void A_wrong_setting_is_said_without_the_secret(string url, string secret, bool wrongEvent, string said)
    {
        var hook = new WebHookOptions { Url = url, Secret = secret.Length > 0 ? secret : Secret };
        hook.Events = wrongEvent ? ["call.exploded"] : [];
        var verdict = new WebHookOptionsValidator().Validate(hook);
        var failure = Assert.Single(verdict.Errors);
        Assert.Contains(said, failure.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(hook.Secret, failure.ErrorMessage, StringComparison.Ordinal);
    }

    private static WebHookOptions Hook(
        HookReceiver receiver, string? secret = null, string[]? events = null, string[]? roles = null) => new()
    {
        Url = receiver.Url, Secret = secret ?? Secret, Events = [.. events ?? []], Roles = [.. roles ?? []], AllowPrivate = true,
    };

    private static RecordWrite.Begun Begun(string id, string role = "waiter") =>
        new(id, new CallOrigin("host", role, "some-model", Start, "anna", null, []));

    private static RecordWrite.Ended Ended(string id) =>
        new(id, new CallClosing("waiter", Start.AddMinutes(1), "hangup", "They **ordered**.", 0, null) { Outcome = """{"dishes":2}""" });

    private static RecordWrite.Note Note(string id, string note) =>
        new(id, new CallNote(note, Start.AddSeconds(3), null, "Two gyoza.", null));

    // Moves on to the next attempt, once the one before is put back. The sender may begin its wait when time has passed already: so it is
    // told to look.
    private static async Task PassAsync(HookBench bench, WebHookOptions hook, FakeTimeProvider time, HookReceiver receiver)
    {
        var before = receiver.All.Count;
        TimeSpan pause;
        do
        {
            await Task.Delay(5, Cancellation);
            var due = (await bench.Outbox.CountAsync(hook.Key, Cancellation)).Due;
            pause = due - time.GetUtcNow() ?? TimeSpan.Zero;
        }
        while (pause <= TimeSpan.Zero || pause == Lease);

        time.Advance(pause);
        while (receiver.All.Count == before)
        {
            bench.Outbox.Tell();
            await Task.Delay(20, Cancellation);
        }
    }

    private static async Task UntilEmptyAsync(HookBench bench, HookReceiver receiver)
    {
        var key = Hook(receiver).Key;
        while (await bench.Outbox.CountAsync(key, Cancellation) is not { Waiting: 0, Dead: 0 })
        {
            await Task.Delay(10, Cancellation);
        }
    }

    // The program of docs/webhooks.md, as it stands there.
    private static async Task<string> CheckAsync(HookReceiver.Received received, string secret)
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "webhooks.md"), Cancellation);
        var program = Regex.Match(document, "```js\n(.*?)```", RegexOptions.Singleline).Groups[1].Value
            + """
            const { headers, body, secret } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
            console.log(verify(headers, body, secret) ? 'accepted' : 'refused');
            """;
        var start = new ProcessStartInfo("node", ["-e", program]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(new
        {
            headers = new Dictionary<string, string>
            {
                ["webhook-id"] = received.Id, ["webhook-timestamp"] = received.Timestamp, ["webhook-signature"] = received.Signature,
            },
            body = received.Body,
            secret,
        }));
        node.StandardInput.Close();
        return (await node.StandardOutput.ReadToEndAsync(Cancellation)).Trim();
    }
}
