using Bridge.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Cluster;

/// <summary>The shared state in memory.</summary>
public sealed class MemoryClusterTests : ClusterContractTests
{
    private readonly FakeTimeProvider _time = new();
    private MemoryCluster? _cluster;

    private protected override ValueTask<Node> OpenAsync(string name)
    {
        _cluster ??= new MemoryCluster(_time, Times, TimeProvider.System);
        return ValueTask.FromResult(
            new Node(new MemoryDirectory(_cluster, name), new MemorySnapshots(_cluster, name), new MemoryRelay(_cluster, name)));
    }

    private protected override Task PassAsync()
    {
        _time.Advance(TimeSpan.FromMilliseconds(50));
        return Task.CompletedTask;
    }
}
