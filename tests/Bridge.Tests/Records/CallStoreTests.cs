using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Roles;

namespace Bridge.Tests.Records;

/// <summary>The duties of every store of calls; each database runs all of them.</summary>
public abstract class CallStoreTests : IAsyncLifetime
{
    private const string Png = "data:image/png;base64,iVBORw0KGgoBAgM=";
    private protected static readonly DateTimeOffset Start = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    private static readonly (string Words, bool Found)[] Searches =
    [
        ("gyoza", true),
        ("GYO", true),
        ("yoza", false),
        ("creme brulee", true),
        ("Crème Brûlée", true),
        ("gyoza allergic", true),
        ("gyoza nowhere", false),
        ("東京", true),
        ("京", true),
        ("大阪", false),
        ("anna@example.org", true),
        ("\"); drop table calls; --", false),
        ("' or '1'='1", false),
        ("gyoza* & !x | (", false),
        ("!!!", false),
        ("withdrawn", false),
        ("unheard", false),
        ("heard", true),
        ("noted", true),
        ("summary", true),
    ];

    private protected ICallStore Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Store = await OpenAsync();
        await Store.OpenAsync(Cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_call_is_read_as_it_was_written()
    {
        await WriteAsync(Begun("a1", caller: "anna"), Said("a1", 0, "u1", "two gyoza please"), Answered("a1", 1, "g1", "Right away."));
        var note = new CallNote("n1", Start.AddSeconds(4), "Order", "Two gyoza\0.", JsonSerializer.SerializeToElement(new { count = 2 }));
        var usage = new ModelUsage(1, 2, 3, 4, 5, 6, 7, 8) { TranscribedSeconds = 1.5, TranscriptionTokens = 9 };
        await WriteAsync(
            new RecordWrite.Note("a1", note),
            new RecordWrite.Bill("a1", usage, 0.123456789m),
            new RecordWrite.Turn("a1", 0, new TurnTimes(Start.AddSeconds(2), 412.5, 8.25)),
            new RecordWrite.Turn("a1", 1, new TurnTimes(Start.AddSeconds(3), null, 9)));
        var running = await Store.FindAsync("a1", Cancellation);
        Assert.Null(running!.Ended);
        await WriteAsync(
            new RecordWrite.Ended("a1", new CallClosing("waiter", Start.AddSeconds(9), "hangup", "They **ordered**.", 3, null)
            {
                Outcome = """{"total":4.50}""",
            }));

        var read = (await Store.FindAsync("a1", Cancellation))!;
        Assert.Equal(
            ("a1", "waiter", "some-model", "anna", Start, Start.AddSeconds(9)),
            (read.Id, read.Role, read.Model, read.Caller, read.Started, read.Ended));
        Assert.Equal(
            ("hangup", "They **ordered**.", 3, 0.123456789m, usage), (read.Reason, read.Recap, read.Missing, read.Cost, read.Usage));
        Assert.Equal("""{"total":4.50}""", read.Outcome!.Value.GetRawText());
        var kept = Assert.Single(read.Notes);
        Assert.Equal(
            (note.Id, note.At, note.Title, "Two gyoza\uFFFD.", 2),
            (kept.Id, kept.At, kept.Title, kept.Text, kept.Data!.Value.GetProperty("count").GetInt32()));
        Assert.Equal([new TurnTimes(Start.AddSeconds(2), 412.5, 8.25), new TurnTimes(Start.AddSeconds(3), null, 9)], read.Turns!);
        Assert.True(ConversationLog.TryParse(Encoding.UTF8.GetBytes(read.Conversation!.Value.GetRawText()), out var log));
        Assert.Equal(["two gyoza please", "Right away."], log.Items.Select(i => i.Text));
    }

    [Fact]
    public async Task A_batch_that_is_written_twice_leaves_what_it_leaves_once()
    {
        RecordWrite[] batch =
        [
            Begun("a1"), Said("a1", 0, "u1", "two gyoza please"), new RecordWrite.Heard("a1", "g1", "Right"),
            new RecordWrite.Note("a1", new CallNote("n1", Start, null, "Two gyoza.", null)), new RecordWrite.Bill(
                "a1", new ModelUsage { InputText = 5 }, 1),
            new RecordWrite.Turn(
                "a1", 0, new TurnTimes(Start, 1, 2)), new RecordWrite.Tokens("a1", ["t2", "t1"]), Ended("a1"), new RecordWrite.Probe(),
        ];
        await WriteAsync(batch);
        var once = JsonSerializer.Serialize(await Store.FindAsync("a1", Cancellation), CallRecord.Json);
        await WriteAsync(batch);
        Assert.Equal(once, JsonSerializer.Serialize(await Store.FindAsync("a1", Cancellation), CallRecord.Json));
        Assert.Single(await FoundAsync("gyoza"));
    }

    [Fact]
    public async Task A_fact_without_its_call_is_refused_and_nothing_of_its_batch_is_written()
    {
        await Assert.ThrowsAsync<RecordRefusedException>(() => WriteAsync(Begun("a1"), Said("nobody", 0, "u1", "hello")));
        Assert.Null(await Store.FindAsync("a1", Cancellation));
    }

    [Fact]
    public async Task An_image_is_kept_as_its_bytes_and_the_log_names_it()
    {
        await WriteAsync(
            Begun("a1"), Entry("a1", 0, Added(new ModelItem("u1", ModelItemKind.UserMessage) { Text = "look", ImageUrl = Png })));
        var log = (await Store.FindAsync("a1", Cancellation))!.Conversation!.Value;
        Assert.Equal("a1-0.png", log.GetProperty("entries")[0].GetProperty("item").GetProperty("imageUrl").GetString());
        var image = await Store.FindImageAsync("a1", "a1-0.png", Cancellation);
        Assert.Equal(("image/png", Png), (image!.MediaType, StoredImages.Url(image)));
        foreach (var (id, name) in new[] { ("a1", "a1-1.png"), ("a2", "a1-0.png"), ("a1", "../a1-0.png"), ("a1", "") })
        {
            Assert.Null(await Store.FindImageAsync(id, name, Cancellation));
        }
    }

    [Fact]
    public async Task A_text_that_only_begins_like_an_image_stays_text()
    {
        const string text = "data:image/png;base64,is how such a URL begins";
        await WriteAsync(Begun("a1"), Entry("a1", 0, Added(new ModelItem("u1", ModelItemKind.UserMessage) { ImageUrl = text })));
        Assert.Contains(text, (await Store.FindAsync("a1", Cancellation))!.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_were_said_noted_or_summed_up_are_found()
    {
        await WriteAsync(
            Begun("a1"),
            Said("a1", 0, "u1", "Two gyoza please, and crème brûlée."),
            Said("a1", 1, "u2", "I am allergic. 東京 Write to anna@example.org"),
            Said("a1", 2, "u3", "withdrawn words"),
            Entry("a1", 3, new ConversationEntry.ItemRemoved(default, "u3", "cough")),
            Answered("a1", 4, "g1", "heard, and unheard words"),
            Entry("a1", 5, new ConversationEntry.Truncated(default, "g1", 100, 900, "heard,", " and unheard words")),
            new RecordWrite.Note("a1", new CallNote("n1", Start, null, "noted", null)),
            new RecordWrite.Ended("a1", new CallClosing("waiter", Start, "hangup", "A summary.", 0, null)),
            Begun("a2"), Said("a2", 0, "u1", "something else"), Ended("a2"));
        foreach (var (words, found) in Searches)
        {
            var calls = await FoundAsync(words);
            Assert.True(calls.SequenceEqual(found ? ["a1"] : []), $"\"{words}\" found: {string.Join(", ", calls)}");
        }
    }

    [Fact]
    public async Task Calls_are_listed_newest_first_page_by_page_and_by_what_is_known_of_them()
    {
        for (var i = 0; i < 9; i++)
        {
            // Three calls of each microsecond: the id decides between them.
            await WriteAsync(
                Begun(
                    $"c{i}",
                    role: i % 2 == 0 ? "waiter" : "guide",
                    caller: i < 4 ? "anna" : null,
                    started: Start.AddMinutes(i / 3),
                    model: i == 5 ? "other" : "some-model"),
                new RecordWrite.Bill($"c{i}", default, i / 10m));
            await WriteAsync(
                new RecordWrite.Ended(
                    $"c{i}",
                    new CallClosing(i % 2 == 0 ? "waiter" : "guide", Start.AddHours(1), i == 8 ? "shutdown" : "hangup", null, 0, null)));
        }

        await WriteAsync(Begun("live"));
        Assert.Equal("c8 c7 c6 c5 c4 c3 c2 c1 c0", await ListedAsync(new CallQuery()));
        Assert.Equal("c8 c7 c6 c5", await ListedAsync(new CallQuery { Most = 4 }));
        Assert.Equal("c4 c3 c2 c1", await ListedAsync(new CallQuery { Most = 4, After = new CallPlace(Start.AddMinutes(1), "c5") }));
        Assert.Equal("c8 c6 c4 c2 c0", await ListedAsync(new CallQuery { Role = "waiter" }));
        Assert.Equal("c3 c2 c1 c0", await ListedAsync(new CallQuery { Caller = "anna" }));
        Assert.Equal("c5", await ListedAsync(new CallQuery { Model = "other" }));
        Assert.Equal("c8", await ListedAsync(new CallQuery { Reason = "shutdown" }));
        Assert.Equal("c5 c4 c3", await ListedAsync(new CallQuery { From = Start.AddMinutes(1), To = Start.AddMinutes(2) }));
        Assert.Equal("c6 c5 c4 c3", await ListedAsync(new CallQuery { MinCost = 0.3m, MaxCost = 0.6m }));
        Assert.Equal("c2", await ListedAsync(new CallQuery { Role = "waiter", Caller = "anna", MinCost = 0.1m }));
    }

    [Fact]
    public async Task A_call_that_is_erased_leaves_a_line_without_content_and_nothing_else()
    {
        await WholeAsync("a1", "anna");
        await WholeAsync("a2", "anna");
        await WholeAsync("b1", "bernd");
        await WriteAsync(Begun("live", caller: "anna"), Said("live", 0, "u1", "gyoza"));

        Assert.Single(await Store.EraseAsync(new Erasure.OfCall("a1"), Start, Cancellation));
        Assert.Null(await Store.FindAsync("a1", Cancellation));
        Assert.Null(await Store.FindImageAsync("a1", "a1-1.png", Cancellation));
        Assert.Equal(["b1", "a2"], await FoundAsync("gyoza"));

        Assert.Single(await Store.EraseAsync(new Erasure.OfCaller("anna"), Start.AddHours(1), Cancellation));
        Assert.Equal(["b1"], await FoundAsync("gyoza"));
        Assert.NotNull(await Store.FindAsync("live", Cancellation));
        Assert.Empty(await Store.EraseAsync(new Erasure.OfCall("live"), Start, Cancellation));
        Assert.Empty(await Store.EraseAsync(new Erasure.OfCaller("nobody"), Start, Cancellation));

        var anna = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("anna"u8));
        Assert.Equal(
            [new Deletion(Start.AddHours(1), "caller", anna, 1), new Deletion(Start, "call", "a1", 1)],
            await Store.DeletionsAsync(10, Cancellation));
    }

    [Fact]
    public async Task Calls_whose_time_is_over_are_erased_and_the_hosts_limit_holds_for_all()
    {
        await WriteAsync(
            Begun("short"), new RecordWrite.Ended("short", new CallClosing("waiter", Start, "hangup", null, 0, Start.AddHours(1))));
        await WriteAsync(
            Begun("long"), new RecordWrite.Ended("long", new CallClosing("waiter", Start, "hangup", null, 0, Start.AddDays(30))));
        await WriteAsync(Begun("always"), Ended("always"));
        await WriteAsync(Begun("live"));
        Assert.Empty(await Store.EraseAsync(new Erasure.Expired(Start.AddHours(1), null), Start, Cancellation));
        Assert.Single(await Store.EraseAsync(new Erasure.Expired(Start.AddHours(2), null), Start, Cancellation));
        Assert.Equal("long always", await ListedAsync(new CallQuery()));
        Assert.Equal(2, (await Store.EraseAsync(new Erasure.Expired(Start.AddDays(8), Start.AddDays(1)), Start, Cancellation)).Count);
        Assert.NotNull(await Store.FindAsync("live", Cancellation));
        Assert.Equal(["expired", "expired"], (await Store.DeletionsAsync(10, Cancellation)).Select(d => d.Kind));
    }

    [Fact]
    public async Task What_a_dead_host_left_is_taken_over_whole_and_once()
    {
        var origin = new CallOrigin("dead", "waiter", "some-model", Start, "anna", """{"Caller":{}}""", ["t1"]);
        await WriteAsync(
            new RecordWrite.Begun("a1", origin),
            Entry("a1", 0, Added(new ModelItem("u1", ModelItemKind.UserMessage) { Text = "look", ImageUrl = Png })),
            Entry(
                "a1",
                1,
                new ConversationEntry.ItemAdded(
                    TimeSpan.FromSeconds(5), new ModelItem("g1", ModelItemKind.AgentMessage) { IsAudio = true }, "u1")),
            new RecordWrite.Heard("a1", "g1", "I see"), new RecordWrite.Heard("a1", "g1", "I see a hook"),
            new RecordWrite.Tokens("a1", ["t3", "t2"]), new RecordWrite.Bill("a1", new ModelUsage { InputText = 5 }, 0.5m),
            new RecordWrite.Turn("a1", 0, new TurnTimes(Start.AddSeconds(7), 1, 2)),
            new RecordWrite.Begun("over", origin with { Tokens = [] }), Ended("over"),
            new RecordWrite.Begun("other", origin with { Owner = "alive", Tokens = [] }));

        var call = Assert.Single(await Store.TakeOverAsync(["dead"], "heir", Cancellation));
        Assert.Equal(("a1", "heir", "anna", origin.Resume), (call.Id, call.Origin.Owner, call.Origin.Caller, call.Origin.Resume));
        Assert.Equal(["t2", "t3"], call.Origin.Tokens.Order());
        Assert.Equal(
            (Start.AddSeconds(7), new ModelUsage { InputText = 5 }, 0.5m, 2, 1),
            (call.LastActive, call.Usage, call.Cost, call.NextEntry, call.Turns));
        Assert.Equal("I see a hook", Assert.Single(call.Heard).Value);
        Assert.True(ConversationLog.TryParse(call.Log, out var log));
        Assert.Equal(Png, log.Items[0].ImageUrl);
        Assert.Empty(await Store.TakeOverAsync(["dead"], "second", Cancellation));
    }

    [Fact]
    public async Task What_was_heard_is_forgotten_once_the_log_says_it_and_secrets_with_the_end()
    {
        await WriteAsync(
            new RecordWrite.Begun("a1", new CallOrigin("dead", "waiter", "some-model", Start, null, "{}", ["t1"])),
            Entry(
                "a1", 0, Added(new ModelItem("g1", ModelItemKind.AgentMessage) { IsAudio = true })), new RecordWrite.Heard("a1", "g1", "I"),
            Entry("a1", 1, new ConversationEntry.AudioHeard(default, "g1", 100, 100)));
        Assert.Empty(Assert.Single(await Store.TakeOverAsync(["dead"], "heir", Cancellation)).Heard);
        await WriteAsync(Ended("a1"));
        Assert.Empty(await Store.TakeOverAsync(["heir"], "next", Cancellation));
    }

    [Theory]
    [InlineData(TranscriptPolicy.Yes, true, true)]
    [InlineData(TranscriptPolicy.Redacted, true, false)]
    [InlineData(TranscriptPolicy.No, false, false)]
    public async Task No_more_of_the_words_is_kept_than_the_policy_allows(TranscriptPolicy policy, bool words, bool numbers)
    {
        await WriteAsync(
            Begun("a1"),
            new RecordWrite.Entry(
                "a1",
                0,
                Added(new ModelItem("u1", ModelItemKind.UserMessage) { Text = "Call me at +49 170 1234567", ImageUrl = Png }),
                policy),
            new RecordWrite.Entry("a1", 1, new ConversationEntry.UsageRecorded(default, new ModelUsage { InputText = 5 }, "turn"), policy),
            Ended("a1"));
        var log = (await Store.FindAsync("a1", Cancellation))!.Conversation!.Value.GetRawText();
        Assert.Equal(words, log.Contains("Call me at", StringComparison.Ordinal));
        Assert.Equal(numbers, log.Contains("1234567", StringComparison.Ordinal));
        Assert.Contains("usage", log, StringComparison.Ordinal);
        Assert.Equal(words ? ["a1"] : [], await FoundAsync("call"));
        Assert.Equal(numbers ? ["a1"] : [], await FoundAsync("1234567"));
        Assert.Equal(policy == TranscriptPolicy.Yes, await Store.FindImageAsync("a1", "a1-0.png", Cancellation) is not null);
    }

    [Fact]
    public async Task Two_hosts_that_open_one_store_at_once_both_find_it_ready()
    {
        await using var other = await OpenAsync();
        await Task.WhenAll(
            Task.Run(() => Store.OpenAsync(Cancellation), Cancellation), Task.Run(() => other.OpenAsync(Cancellation), Cancellation));
        await WriteAsync(Begun("a1"));
        Assert.NotNull(await other.FindAsync("a1", Cancellation));
    }

    [Fact]
    public async Task Ended_calls_are_summed_up_by_hours_and_days_with_percentiles_of_their_delays()
    {
        await CallAsync("a1", Start, "waiter", "hangup", 60, 0.25m, [(400, 8), (600, 9), (null, 10)]);
        await CallAsync("b1", Start.AddMinutes(50), "waiter", "model_failed", 30, null, [(2_000, 30)]);
        await CallAsync("c1", Start.AddMinutes(61), "cook", "interrupted", 30, 0.5m, []);
        await CallAsync("d1", Start.AddDays(1), "cook", "end_call", 90, null, [(0.05, 0.2)]);
        await WriteAsync(Begun("e1"), new RecordWrite.Turn("e1", 0, new TurnTimes(Start, 90_000, 1)));

        var hours = await Store.ChartAsync(new ChartQuery(Start, Start.AddDays(2), ByDay: false, null), Cancellation);
        Assert.Equal([Start, Start.AddHours(1), Start.AddDays(1)], hours.Sums.Select(s => s.At));
        Assert.Equal(
            [(2, 1, 1.5, 0.25m), (1, 1, 0.5, 0.5m), (1, 0, 1.5, (decimal?)null)],
            hours.Sums.Select(s => (s.Calls, s.Failed, s.Minutes, s.Cost)));
        Assert.InRange(hours.Sums[0].Model!.P50, 600 * 0.968, 600 * 1.032);
        Assert.InRange(hours.Sums[0].Model!.P99, 2_000 * 0.968, 2_000 * 1.032);
        Assert.InRange(hours.Sums[0].Downlink!.P50, 9 * 0.968, 9 * 1.032);
        Assert.Null(hours.Sums[1].Model);
        Assert.InRange(hours.Sums[2].Downlink!.P95, 0.15, 0.25);

        var days = await Store.ChartAsync(new ChartQuery(Start.AddHours(-8), Start.AddDays(2), ByDay: true, null), Cancellation);
        Assert.Equal([(3, 0.75m), (1, (decimal?)null)], days.Sums.Select(s => (s.Calls, s.Cost)));
        var cook = await Store.ChartAsync(new ChartQuery(Start, Start.AddDays(1), ByDay: true, "cook"), Cancellation);
        Assert.Equal(("day", 1), (cook.By, Assert.Single(cook.Sums).Calls));

        await Store.EraseAsync(new Erasure.OfCall("b1"), Start, Cancellation);
        hours = await Store.ChartAsync(new ChartQuery(Start, Start.AddHours(1), ByDay: false, null), Cancellation);
        Assert.InRange(Assert.Single(hours.Sums).Model!.P99, 600 * 0.968, 600 * 1.032);
    }

    [Fact]
    public async Task An_imported_call_counts_with_its_delays()
    {
        var record = new CallRecord(
            "abc1", "waiter", "some-model", Start, Start.AddMinutes(1), "hangup", null, [], default, null, null)
        {
            Turns = [new TurnTimes(Start, 500, 5)],
        };
        Assert.True(await Store.ImportAsync(record, [], Cancellation));
        var sum = Assert.Single((await Store.ChartAsync(new ChartQuery(Start, Start.AddDays(1), ByDay: true, null), Cancellation)).Sums);
        Assert.InRange(sum.Model!.P50, 500 * 0.968, 500 * 1.032);
    }

    private protected abstract Task<ICallStore> OpenAsync();

    private Task CallAsync(
        string id, DateTimeOffset started, string role, string reason, int seconds, decimal? cost,
        (double? Model, double Downlink)[] answers) => WriteAsync(
        [
            new RecordWrite.Begun(id, new CallOrigin("host", role, "some-model", started, null, null, [])),
            new RecordWrite.Bill(id, default, cost),
            .. answers.Select((a, n) => new RecordWrite.Turn(id, n, new TurnTimes(started, a.Model, a.Downlink))),
            new RecordWrite.Ended(id, new CallClosing(role, started.AddSeconds(seconds), reason, null, 0, null)),
        ]);

    private protected async Task WholeAsync(string id, string caller, string words = "two gyoza please")
    {
        await WriteAsync(
            Begun(id, caller: caller), Said(id, 0, "u1", words),
            Entry(id, 1, Added(new ModelItem("u2", ModelItemKind.UserMessage) { ImageUrl = Png })),
            new RecordWrite.Note(id, new CallNote("n1", Start, words, words, JsonSerializer.SerializeToElement(words))),
            new RecordWrite.Turn(id, 0, new TurnTimes(Start, 1, 2)),
            new RecordWrite.Ended(id, new CallClosing("waiter", Start.AddSeconds(9), "hangup", words, 0, null)));
    }

    private protected Task WriteAsync(params RecordWrite[] writes) => Store.WriteAsync(writes, Cancellation);

    private protected static RecordWrite Begun(
        string id, string role = "waiter", string? caller = null, DateTimeOffset? started = null, string model = "some-model") =>
        new RecordWrite.Begun(id, new CallOrigin("host", role, model, started ?? Start, caller, null, []));

    private protected static RecordWrite Ended(string id) =>
        new RecordWrite.Ended(id, new CallClosing("waiter", Start.AddSeconds(9), "hangup", null, 0, null));

    private protected static RecordWrite Entry(string id, int number, ConversationEntry fact) =>
        new RecordWrite.Entry(id, number, fact, TranscriptPolicy.Yes);

    private protected static RecordWrite Said(string id, int number, string item, string text) =>
        Entry(id, number, Added(new ModelItem(item, ModelItemKind.UserMessage) { Text = text }));

    private static RecordWrite Answered(string id, int number, string item, string text) =>
        Entry(id, number, Added(new ModelItem(item, ModelItemKind.AgentMessage) { Text = text, IsAudio = true }));

    private static ConversationEntry.ItemAdded Added(ModelItem item) => new(TimeSpan.FromSeconds(1), item, null);

    private async Task<IReadOnlyList<string>> FoundAsync(string words) =>
        [.. (await Store.ListAsync(new CallQuery { Words = words }, Cancellation)).Select(c => c.Id)];

    private async Task<string> ListedAsync(CallQuery query) =>
        string.Join(' ', (await Store.ListAsync(query, Cancellation)).Select(c => c.Id));
}
