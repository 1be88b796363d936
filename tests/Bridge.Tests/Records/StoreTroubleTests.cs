using System.Diagnostics;
using System.Net;
using Bridge.Records;
using Bridge.Testing;
using Bridge.Tests.Stops;
using Bridge.Tests.Trail;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Records;

/// <summary>
/// The store stands still or goes away in the middle of a call: the caller hears on and is answered, the host says once that it is
/// degraded and once that it is not, and the record is whole.
/// </summary>
public sealed class StoreTroubleTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-trouble-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>Runs: what two threads do at the wrong moment shows in one of many. BRIDGE_LONG=1 makes them 30.</summary>
    public static TheoryData<int> Runs() => [.. Enumerable.Range(1, Seeds.Long ? 30 : 1)];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task PostgreSQL_is_restarted_under_a_call(int run)
    {
        Assert.True(run > 0);
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var host = await StartAsync(("Records:Postgres", await server.NewSchemaAsync()));
        await TalkThroughAsync(host, server.RestartAsync);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_disk_is_full_under_a_call(int run)
    {
        Assert.True(run > 0);
        await using var disk = await SmallDisk.MountAsync();
        await using var host = await StartAsync(("Data", disk.Folder));
        await TalkThroughAsync(host, async meanwhile =>
        {
            disk.Fill();
            await meanwhile();
            disk.Clear();
        });
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_disk_stands_still_for_ten_seconds_under_a_call(int run)
    {
        Assert.True(run > 0);
        await using var host = await StartAsync();
        await TalkThroughAsync(host, async meanwhile =>
        {
            // Another process has the file to itself: every commit waits, and none fails at once.
            await using var other = new SqliteConnection($"Data Source={Path.Combine(_data, "records.db")};Pooling=False");
            await other.OpenAsync(Cancellation);
            await using var block = new SqliteCommand("begin immediate", other);
            await block.ExecuteNonQueryAsync(Cancellation);
            var until = Task.Delay(Blocked, Cancellation);
            await meanwhile();
            await until;
            await using var free = new SqliteCommand("rollback", other);
            await free.ExecuteNonQueryAsync(Cancellation);
        });
    }

    private Task<RunningHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var role = Directory.CreateDirectory(Path.Combine(_data, "roles", "teller")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), "name: Teller\ndescription: Tells.\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Be brief.\n");
        File.WriteAllText(
            Path.Combine(role, "rehearsal.yaml"),
            "rules:\n- when: [one]\n  say: The first answer.\n"
                + "- when: [two]\n  say: The second answer.\n- when: [three]\n  say: The third answer.\n");
        return RunningHost.StartAsync([("Data", _data), ("Roles", Path.Combine(_data, "roles")), ("Loopback", "true"), .. settings]);
    }

    private static async Task TalkThroughAsync(RunningHost host, Func<Func<Task>, Task> trouble)
    {
        using var http = new HttpClient { BaseAddress = host.Address };
        var log = new LineLog();
        host.Get<ILoggerFactory>().AddProvider(log);
        await using var page = await ProgramPage.CallAsync(host.Address, "teller", Cancellation);
        await AnswerAsync(page, "one", "The first answer.");
        await UntilAsync(http, "ready", log);
        await trouble(async () =>
        {
            await page.SayAsync("two", Cancellation);
            await page.Ear.MoreAsync(20, Cancellation);
            await UntilToldAsync(page, "The second answer.");
            await UntilAsync(http, "degraded", log);
        });
        await UntilAsync(http, "ready", log);
        await AnswerAsync(page, "three", "The third answer.");
        await page.HangUpAsync(Cancellation);

        CallRecord? record;
        while ((record = await host.Get<ICallStore>().FindAsync(page.CallId, Cancellation))?.Ended is null)
        {
            await Task.Delay(20, Cancellation);
        }

        Assert.Equal(("hangup", 0), (record.Reason, record.Missing));
        var kept = record.Conversation!.Value.GetRawText();
        Assert.All(
            ["one", "two", "three", "The first answer.", "The second answer.", "The third answer."],
            said => Assert.Contains(said, kept, StringComparison.Ordinal));
        var lines = log.Lines
            .Where(line => line.Category.StartsWith("Bridge.Records", StringComparison.Ordinal) && line.Level >= LogLevel.Warning).ToList();
        Assert.True(lines.Count == 2, string.Join('\n', lines));
        Assert.Contains("are not being written", lines[0].Text, StringComparison.Ordinal);
        Assert.Contains("are being written again", lines[1].Text, StringComparison.Ordinal);
        Assert.Contains(" 0 facts were lost", lines[1].Text, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(ProgramPage page, string text, string answer)
    {
        await page.SayAsync(text, Cancellation);
        await UntilToldAsync(page, answer);
    }

    private static async Task UntilToldAsync(ProgramPage page, string answer)
    {
        while ((await page.UntilToldAsync("call/transcript", Cancellation)) is var told
            && (told.GetProperty("text").GetString() != answer || !told.GetProperty("final").GetBoolean()))
        {
            // Its beginning.
        }
    }

    private static async Task UntilAsync(HttpClient http, string state, LineLog log)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            Assert.True(
                Stopwatch.GetElapsedTime(start) < Patience,
                $"It does not become {state}. {string.Join('\n', log.Lines.Select(l => l.Text))}");
            using var answer = await http.GetAsync("/healthz/ready", Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            if (await answer.Content.ReadAsStringAsync(Cancellation) == state)
            {
                return;
            }

            await Task.Delay(20, Cancellation);
        }
    }
}
