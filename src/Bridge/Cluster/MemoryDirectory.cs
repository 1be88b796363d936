namespace Bridge.Cluster;

/// <summary>A node's view of <see cref="MemoryCluster"/>.</summary>
internal sealed class MemoryDirectory(MemoryCluster cluster, string node) : ICallDirectory
{
    /// <inheritdoc/>
    public string Node => node;

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(NodeReport report) => ValueTask.FromResult(cluster.RenewLease(node, report));

    /// <inheritdoc/>
    public ValueTask LeaveAsync()
    {
        cluster.Leave(node);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeReport>> NodesAsync() => ValueTask.FromResult(cluster.Nodes());

    /// <inheritdoc/>
    public ValueTask<TimeSpan> LeaseLeftAsync(string other) => ValueTask.FromResult(cluster.LeaseLeft(other));

    /// <inheritdoc/>
    public ValueTask<bool> KeepAsync(string callId, long epoch, IReadOnlyList<string> tokens) =>
        ValueTask.FromResult(cluster.Keep(node, callId, epoch, tokens));

    /// <inheritdoc/>
    public ValueTask<CallOwner?> FindByTokenAsync(string token) => ValueTask.FromResult(cluster.FindByToken(token));

    /// <inheritdoc/>
    public ValueTask<CallOwner?> FindAsync(string callId) => ValueTask.FromResult(cluster.FindOwner(callId));

    /// <inheritdoc/>
    public ValueTask<CallOwner?> TakeOverAsync(CallOwner seen) => ValueTask.FromResult(cluster.TakeOver(node, seen));

    /// <inheritdoc/>
    public ValueTask<bool> GiveAsync(string callId, long epoch, string to) => ValueTask.FromResult(cluster.Give(node, callId, epoch, to));

    /// <inheritdoc/>
    public ValueTask EndAsync(string callId, long epoch)
    {
        cluster.End(node, callId, epoch);
        return ValueTask.CompletedTask;
    }
}
