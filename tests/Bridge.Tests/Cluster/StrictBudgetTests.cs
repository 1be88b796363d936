namespace Bridge.Tests.Cluster;

/// <summary>Joins of calls that a budget of days limits, while Redis is away.</summary>
public sealed class StrictBudgetTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-strict-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_strict_node_refuses_them_from_the_first_and_takes_them_again_and_the_other_goes_on_within_its_share()
    {
        var redis = server.NewDatabase();
        await using var strict = await StartAsync("strict", redis, strict: true);
        await using var lax = await StartAsync("lax", redis, strict: false);
        Assert.Null(await JoinAsync(strict));
        Assert.Null(await JoinAsync(lax));
        await server.KillAsync();
        var refusal = await JoinAsync(strict);
        Assert.Contains("busy", refusal, StringComparison.Ordinal);
        Assert.Contains("(retryAfter: 5)", refusal, StringComparison.Ordinal);
        Assert.Null(await JoinAsync(lax));
        Assert.Contains("busy", await JoinAsync(strict), StringComparison.Ordinal);
        await server.StartAsync();
        while (await JoinAsync(strict) is { } still)
        {
            Assert.Contains("busy", still, StringComparison.Ordinal);
            await Task.Delay(100, Cancellation);
        }
    }

    private static async Task<string?> JoinAsync(RunningHost host)
    {
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation);
        return (await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error;
    }

    private Task<RunningHost> StartAsync(string name, string redis, bool strict) => RunningHost.StartAsync(
        ("Data", Path.Combine(_folder, name)), ("Redis", redis), ("Loopback", "true"), ("Budgets:HostDay:Minutes", "1000"),
        ("Budgets:Strict", strict ? "true" : "false"), ("Limits:Joins", "1000"));
}
