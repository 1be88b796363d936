namespace Bridge.Cluster.Nodes;

/// <summary>The wish of an operator about a call.</summary>
/// <param name="CallId">The call.</param>
internal sealed record RelayedCall(string CallId);
