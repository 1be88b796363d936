using System.Diagnostics;
using Bridge.Cluster;

namespace Bridge.Tests.Cluster;

/// <summary>The shared state in Redis.</summary>
public sealed class RedisClusterTests(RedisServer server) : ClusterContractTests, IClassFixture<RedisServer>
{
    private readonly List<RedisLink> _links = [];
    private string? _database;

    public override async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_fails_within_the_deadline_and_is_used_again_when_it_is_back()
    {
        await A.Directory.RenewLeaseAsync(Report("a"));
        await server.KillAsync();
        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<ClusterAwayException>(() => A.Directory.FindAsync("c1").AsTask());
        await Assert.ThrowsAsync<ClusterAwayException>(
            () => A.Relay.AskAsync("b", RelayRequest.Of("offer", "a", "x"), TimeSpan.FromMilliseconds(300)));
        TestContext.Current.TestOutputHelper?.WriteLine($"two failures in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        await server.StartAsync();
        while (_links[0].IsAway)
        {
            await PassAsync();
        }

        Assert.False(await A.Directory.RenewLeaseAsync(Report("a")));
        Assert.True(await A.Directory.KeepAsync("c1", 5, ["hash-1"]));
        Assert.Equal(new CallOwner("c1", "a", 5), await A.Directory.FindByTokenAsync("hash-1"));
    }

    private protected override async ValueTask<Node> OpenAsync(string name)
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var link = new RedisLink(_database ??= server.NewDatabase(), TimeProvider.System, Patience);
        _links.Add(link);
        await link.ConnectAsync();
        return new Node(
            new RedisDirectory(link, name, Times), new RedisSnapshots(link, name, Times), new RedisRelay(link, name, TimeProvider.System));
    }

    private protected override Task PassAsync() => Task.Delay(20, Cancellation);
}
