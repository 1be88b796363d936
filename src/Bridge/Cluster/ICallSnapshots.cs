namespace Bridge.Cluster;

/// <summary>
/// The latest snapshot of each call, without its sound. Lives as long as the call's entry in the directory is kept, and the grace time
/// longer. Everything may throw <see cref="ClusterAwayException"/>.
/// </summary>
internal interface ICallSnapshots
{
    /// <summary>Replaces the snapshot of a call.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="epoch">The epoch in which this node holds it.</param>
    /// <param name="content">Bytes, sealed by <see cref="SnapshotSeal"/>.</param>
    /// <returns>False when the call is this node's no more; nothing was written.</returns>
    ValueTask<bool> SaveAsync(string callId, long epoch, ReadOnlyMemory<byte> content);

    /// <summary>The snapshot; null when there is none.</summary>
    ValueTask<byte[]?> LoadAsync(string callId);
}
