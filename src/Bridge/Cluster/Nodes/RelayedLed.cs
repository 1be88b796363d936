namespace Bridge.Cluster.Nodes;

/// <summary>The call of a hub connection of the asked node is at the asking node.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="CallId">The call.</param>
internal sealed record RelayedLed(string Connection, string CallId);
