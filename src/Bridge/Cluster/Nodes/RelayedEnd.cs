namespace Bridge.Cluster.Nodes;

/// <summary>A hub connection is gone.</summary>
/// <param name="Connection">Of the asking node.</param>
internal sealed record RelayedEnd(string Connection);
