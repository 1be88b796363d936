namespace Bridge.Tests.Cluster;

/// <summary>Two real hosts in this process that share a Redis; their tests are skipped by name where that is missing.</summary>
public abstract class NodePair(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-nodes-").FullName;

    /// <summary>One of the hosts.</summary>
    private protected RunningHost A { get; private set; } = null!;

    /// <summary>The other.</summary>
    private protected RunningHost B { get; private set; } = null!;

    /// <summary>The test's.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var redis = server.NewDatabase();
        A = await StartAsync("a", redis);
        B = await StartAsync("b", redis);
    }

    public async ValueTask DisposeAsync()
    {
        if (B is not null)
        {
            await A.DisposeAsync();
            await B.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits until the condition holds.</summary>
    protected static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <inheritdoc cref="UntilAsync(Func{bool})"/>
    protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Cancellation);
        }
    }

    private Task<RunningHost> StartAsync(string name, string redis) =>
        RunningHost.StartAsync(("Data", Path.Combine(_folder, name)), ("Redis", redis), ("Loopback", "true"));
}
