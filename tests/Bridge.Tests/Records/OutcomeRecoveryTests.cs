using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.RehearsalHosting;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Records;

/// <summary>The typed outcome of a call whose host was killed: the next host fills it in, in either store.</summary>
public sealed class OutcomeRecoveryTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private const string Schema = """
        { "type": "object", "properties": { "total": { "type": "number" } }, "required": ["total"], "additionalProperties": false }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-outcome-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_call_that_goes_on_after_a_kill_ends_with_its_outcome(string kind)
    {
        Assert.SkipWhen(kind == "postgres" && PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var connection = kind == "postgres" ? await server.NewSchemaAsync() : "";
        var role = Directory.CreateDirectory(Path.Combine(_folder, "roles", "waiter")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), "name: Waiter\ndescription: Takes orders.\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Be brief.\n");
        File.WriteAllText(
            Path.Combine(role, "rehearsal.yaml"),
            "outcome: { total: 29.8 }\nrules:\n- when: [tea]\n  say: Tea it is.\notherwise: With pleasure.\n");
        File.WriteAllText(Path.Combine(role, "outcome.schema.json"), Schema);
        await using var model = await RunningHost.StartAsync(
            ("Roles", Path.Combine(_folder, "roles")), ("Data", Path.Combine(_folder, "model")));
        var endpoint = model.Get<RehearsalHost>().Endpoint("waiter");
        var data = Path.Combine(_folder, "data");

        BridgeProgram Start() => BridgeProgram.StartWith(
            endpoint, Path.Combine(_folder, "roles"), data, ("Bridge__Records__Postgres", connection));

        string token;
        string call;
        await using (var first = Start())
        {
            var host = await first.AddressAsync(Cancellation);
            await using var page = await ProgramPage.CallAsync(host, "waiter", Cancellation);
            await page.SayAsync("Two gyoza.", Cancellation);
            await UntilSaidAsync(page, "With pleasure.");
            (token, call) = (page.ResumeToken, page.CallId);

            // The answer comes once a fact behind all of these is on the disk.
            using var http = new HttpClient();
            Assert.Equal("ready", await http.GetStringAsync(new Uri(host, "/healthz/ready"), Cancellation));

            // Disposing kills it, as kill -9 does.
        }

        await using var second = Start();
        await using var again = await ProgramPage.CallAsync(
            await second.AddressAsync(Cancellation), "waiter", Cancellation, resumeToken: token);
        Assert.Equal((true, call), (again.Resumed, again.CallId));
        await again.SayAsync("And tea.", Cancellation);
        await UntilSaidAsync(again, "Tea it is.");
        await again.HangUpAsync(Cancellation);
        await using var store = new SqlCallStore(
            kind == "postgres" ? new PostgresDialect(connection) : new SqliteDialect(Path.Combine(data, "records.db")),
            TimeProvider.System);
        CallRecord? record;
        while ((record = await store.FindAsync(call, Cancellation))?.Ended is null)
        {
            await Task.Delay(20, Cancellation);
        }

        Assert.Equal("hangup", record.Reason);
        Assert.Equal(29.8m, record.Outcome!.Value.GetProperty("total").GetDecimal());
        var kept = record.Conversation!.Value.GetRawText();
        Assert.Contains("Two gyoza.", kept, StringComparison.Ordinal);
        Assert.Contains("And tea.", kept, StringComparison.Ordinal);
    }

    private static async Task UntilSaidAsync(ProgramPage page, string line)
    {
        while ((await page.UntilToldAsync("call/transcript", Cancellation)) is var told
            && (told.GetProperty("text").GetString() != line || !told.GetProperty("final").GetBoolean()))
        {
            // Other lines, which a page that comes back is told again, and the beginning of this one.
        }
    }
}
