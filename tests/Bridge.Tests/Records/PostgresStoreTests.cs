using Bridge.Records;
using Bridge.Records.Sql;

namespace Bridge.Tests.Records;

/// <summary>The store in PostgreSQL.</summary>
public sealed class PostgresStoreTests(PostgresServer server) : CallStoreTests, IClassFixture<PostgresServer>
{
    private string? _connection;

    [Fact]
    public async Task A_server_that_is_away_is_the_stores_trouble_and_the_store_goes_on_when_it_is_back()
    {
        await WriteAsync(Begun("a1"));
        await server.RestartAsync(async () => await Assert.ThrowsAsync<IOException>(() => WriteAsync(Begun("a2"))));
        await WriteAsync(Begun("a2"));
        Assert.NotNull(await Store.FindAsync("a1", Cancellation));
        Assert.NotNull(await Store.FindAsync("a2", Cancellation));
    }

    [Fact]
    public async Task A_call_that_another_host_has_taken_over_is_written_by_that_one_alone()
    {
        await using var a = new SqlCallStore(new PostgresDialect(_connection!), TimeProvider.System, fence: "host-a");
        await using var b = new SqlCallStore(new PostgresDialect(_connection!), TimeProvider.System, fence: "host-b");
        var begun = (RecordWrite.Begun)Begun("f1");
        await a.WriteAsync(
            [begun with { Origin = begun.Origin with { Owner = "host-a", Resume = "{}" } }, Said("f1", 0, "u1", "two gyoza please")],
            Cancellation);
        var taken = (await b.TakeOverCallAsync("f1", "host-b", Cancellation))!;
        Assert.Equal(("host-b", 1), (taken.Origin.Owner, taken.NextEntry));
        await b.WriteAsync([Said("f1", 1, "u2", "and tea")], Cancellation);

        // The paused host wakes: of a batch nothing is written, and its other calls are its own.
        await Assert.ThrowsAsync<RecordRefusedException>(
            () => a.WriteAsync([Said("f1", 2, "u3", "and rice"), Begun("f2")], Cancellation));
        await Assert.ThrowsAsync<RecordRefusedException>(
            () => a.WriteAsync(
                [new RecordWrite.Ended("f1", new CallClosing("waiter", Start.AddSeconds(9), "moved", null, 0, null))], Cancellation));
        Assert.Null(await Store.FindAsync("f2", Cancellation));
        var record = (await Store.FindAsync("f1", Cancellation))!;
        Assert.Null(record.Ended);
        Assert.DoesNotContain("rice", record.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("tea", record.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.Null(await b.TakeOverCallAsync("nothing", "host-b", Cancellation));
    }

    private protected override async Task<ICallStore> OpenAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return new SqlCallStore(new PostgresDialect(_connection ??= await server.NewSchemaAsync()), TimeProvider.System);
    }
}
