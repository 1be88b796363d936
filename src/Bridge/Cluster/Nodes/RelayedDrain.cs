namespace Bridge.Cluster.Nodes;

/// <summary>The wish of an operator: no new calls, or new ones again.</summary>
/// <param name="Resting">True: none.</param>
internal sealed record RelayedDrain(bool Resting);
