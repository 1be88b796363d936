namespace Bridge.Cluster;

/// <summary>Snapshots in <see cref="MemoryCluster"/>.</summary>
internal sealed class MemorySnapshots(MemoryCluster cluster, string node) : ICallSnapshots
{
    /// <inheritdoc/>
    public ValueTask<bool> SaveAsync(string callId, long epoch, ReadOnlyMemory<byte> content) =>
        ValueTask.FromResult(cluster.Save(node, callId, epoch, content.ToArray()));

    /// <inheritdoc/>
    public ValueTask<byte[]?> LoadAsync(string callId) => ValueTask.FromResult(cluster.Load(callId));
}
