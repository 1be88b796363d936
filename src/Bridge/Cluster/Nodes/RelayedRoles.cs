namespace Bridge.Cluster.Nodes;

/// <summary>The revisions of the roles that a node serves now.</summary>
/// <param name="Revisions">By slug.</param>
internal sealed record RelayedRoles(IReadOnlyDictionary<string, string> Revisions);
