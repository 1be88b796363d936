namespace Bridge.Cluster;

/// <summary>The number of nodes at the last count; 1 before that.</summary>
internal sealed class ClusterSize
{
    private int _nodes = 1;

    /// <summary>Nodes, 1 at least.</summary>
    public int Nodes => Volatile.Read(ref _nodes);

    /// <summary>They were counted.</summary>
    public void Set(int nodes) => Volatile.Write(ref _nodes, Math.Max(1, nodes));
}
