namespace Bridge.Cluster.Nodes;

/// <summary>Names a hub connection of another node: <c>NODE/CONNECTION</c>. SignalR's own ids hold no slash.</summary>
internal static class RemoteConnection
{
    /// <summary>The name.</summary>
    public static string Of(string node, string connection) => $"{node}/{connection}";

    /// <summary>Reads <see cref="Of"/>; false for a connection of this node.</summary>
    public static bool TryParse(string name, out string node, out string connection)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        (node, connection) = slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
        return slash >= 0;
    }
}
