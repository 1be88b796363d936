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

    private protected override async Task<ICallStore> OpenAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return new SqlCallStore(new PostgresDialect(_connection ??= await server.NewSchemaAsync()), TimeProvider.System);
    }
}
