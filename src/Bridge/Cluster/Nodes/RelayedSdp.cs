namespace Bridge.Cluster.Nodes;

/// <summary>A description of the page's second connection.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Sdp">Offer or answer.</param>
internal sealed record RelayedSdp(string CallId, string Sdp);
