namespace Bridge.Cluster;

/// <summary>The node that a call belongs to.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Node">Id of its node.</param>
/// <param name="Epoch">Grows with every takeover; what is written with an older one is refused.</param>
/// <param name="IsOver">The call has ended; the node knows how, for some minutes.</param>
internal sealed record CallOwner(string CallId, string Node, long Epoch, bool IsOver = false);
