namespace Bridge.Cluster.Nodes;

/// <summary>A page's request about its call.</summary>
/// <param name="Connection">Its hub connection at the asking node.</param>
/// <param name="Request">The page's own.</param>
/// <typeparam name="T">Its type.</typeparam>
internal sealed record Relayed<T>(string Connection, T Request)
    where T : class;
