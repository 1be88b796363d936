namespace Bridge.Cluster;

/// <summary>
/// The secret that all nodes of a cluster share: the operator's <c>Bridge:ClusterKey</c>, or one that the first node has made and left
/// in Redis. Known once the host has started.
/// </summary>
internal sealed class ClusterSecret
{
    private byte[]? _bytes;

    /// <summary>32 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? throw new InvalidOperationException("The secret of the cluster is not known yet.");

    /// <summary>True once it is known.</summary>
    public bool IsKnown => _bytes is not null;

    /// <summary>It is this one.</summary>
    public void Set(byte[] bytes) => _bytes = bytes;
}
