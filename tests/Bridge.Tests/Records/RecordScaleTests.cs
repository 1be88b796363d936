using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Records.Sql;

namespace Bridge.Tests.Records;

/// <summary>A hundred thousand stored calls: how long it takes to list, to search and to erase. Printed, not asserted; BRIDGE_LONG=1 runs it.</summary>
public sealed class RecordScaleTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private const int Calls = 100_000;
    private const int CallsOfCaller = 100;
    private const int Times = 21;
    private static readonly string[] Words = ["gyoza", "please", "table", "window", "allergic", "tonight", "thank", "order", "water", "bill"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_hundred_thousand_calls_are_listed_searched_and_erased(string kind)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1", "BRIDGE_LONG=1 runs it.");
        Assert.SkipWhen(kind == "postgres" && PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var folder = Directory.CreateTempSubdirectory("bridge-scale-").FullName;
        try
        {
            await using var store = new SqlCallStore(
                kind == "postgres" ? new PostgresDialect(await server.NewSchemaAsync()) : new SqliteDialect(Path.Combine(folder, "records.db")),
                TimeProvider.System);
            await store.OpenAsync(Cancellation);
            var start = Stopwatch.GetTimestamp();
            await FillAsync(store);
            TestContext.Current.TestOutputHelper?.WriteLine($"filled in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
            await TimeAsync("list the newest 100", _ => store.ListAsync(new CallQuery(), Cancellation));
            await TimeAsync("list 100 of a role", n => store.ListAsync(new CallQuery { Role = $"waiter{n % 10}" }, Cancellation));
            await TimeAsync("list 100 of a caller", n => store.ListAsync(new CallQuery { Caller = $"caller{n}" }, Cancellation));
            await TimeAsync("search a rare word", n => SearchAsync($"rare{77_777 + n}"));
            await TimeAsync("search a word of every tenth call", n => SearchAsync(Words[n % Words.Length]));
            await TimeAsync("search two words", n => SearchAsync($"{Words[n % Words.Length]} window"));
            await TimeAsync("search a common and a rare word", n => SearchAsync($"sentence rare{77_777 + n}"));
            await TimeAsync(
                "search a common word of a caller",
                n => store.ListAsync(new CallQuery { Words = "sentence", Caller = $"caller{n}" }, Cancellation));
            await TimeAsync("chart all by the hour", _ => ChartAsync(store, byDay: false));
            await TimeAsync("chart all by the day", _ => ChartAsync(store, byDay: true));
            await TimeAsync(
                "erase a caller of 100 calls",
                n => store.EraseAsync(new Erasure.OfCaller($"caller{n}"), DateTimeOffset.UnixEpoch, Cancellation));

            Task<IReadOnlyList<CallRecord>> SearchAsync(string words) => store.ListAsync(new CallQuery { Words = words }, Cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> ChartAsync(SqlCallStore store, bool byDay) =>
        (await store.ChartAsync(
            new ChartQuery(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(Calls), byDay, null), Cancellation))
            .Sums.Sum(s => s.Calls);

    private static async Task FillAsync(SqlCallStore store)
    {
        var batch = new List<RecordWrite>();
        for (var i = 0; i < Calls; i++)
        {
            var id = i.ToString("x16", CultureInfo.InvariantCulture);
            var started = DateTimeOffset.UnixEpoch.AddSeconds(i);
            var caller = string.Create(CultureInfo.InvariantCulture, $"caller{i % (Calls / CallsOfCaller)}");
            batch.Add(new RecordWrite.Begun(id, new CallOrigin("host", string.Create(CultureInfo.InvariantCulture, $"waiter{i % 10}"), "some-model", started, caller, null, [])));
            for (var n = 0; n < 4; n++)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"{Words[(i + n) % 10]} {Words[(i + (3 * n)) % 10]} number{i % 500} rare{(n == 0 ? i : 0)} and some more words of an ordinary sentence");
                batch.Add(new RecordWrite.Entry(
                    id, n,
                    new ConversationEntry.ItemAdded(TimeSpan.FromSeconds(n), new ModelItem("u" + n.ToString(CultureInfo.InvariantCulture), ModelItemKind.UserMessage) { Text = text }, null),
                    Bridge.Roles.Settings.TranscriptPolicy.Yes));
            }

            for (var n = 0; n < 4; n++)
            {
                var (model, downlink) = (300 + (((i * 7) + (n * 131)) % 1_500), 1 + (((i * 3) + n) % 40));
                batch.Add(new RecordWrite.Turn(id, n, new TurnTimes(started.AddSeconds(n), model, downlink)));
            }

            batch.Add(new RecordWrite.Bill(id, new ModelUsage(100, 200, 0, 50, 50, 0, 30, 40), 0.01m));
            batch.Add(new RecordWrite.Ended(id, new CallClosing($"waiter{i % 10}", started.AddMinutes(1), "hangup", null, 0, null)));
            if (batch.Count >= 5_000)
            {
                await store.WriteAsync(batch, Cancellation);
                batch.Clear();
            }
        }

        await store.WriteAsync(batch, Cancellation);
    }

    // Each time another word or caller, so that nothing but what an index holds is warm.
    private static async Task TimeAsync<T>(string what, Func<int, Task<T>> work)
    {
        var times = new List<double>();
        var found = 0;
        for (var i = 0; i < Times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var result = await work(i);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            found = result is ICollection list ? list.Count : Convert.ToInt32(result, CultureInfo.InvariantCulture);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {what} | {times[Times / 2]:0.0} | {times[0]:0.0} to {times[^1]:0.0} | {found} |"));
    }
}
