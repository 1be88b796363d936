namespace Bridge.Cluster.Nodes;

/// <summary>Answer of <c>/api/nodes</c>.</summary>
/// <param name="Own">Id of the node that answers.</param>
/// <param name="Away">The cluster can't be read now: the answering node is the only one that is listed.</param>
/// <param name="Nodes">The nodes, the answering one first.</param>
internal sealed record NodeList(string Own, bool Away, IReadOnlyList<NodeReport> Nodes);
