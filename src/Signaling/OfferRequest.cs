namespace Bridge.Signaling;

/// <summary>An SDP offer: the first of a call, or an ICE restart on a living one.</summary>
/// <param name="CallId">From <see cref="JoinReply.CallId"/>.</param>
/// <param name="Sdp">The offer, opaque to signaling. It may leave before any candidate is gathered: the server is ICE-lite.</param>
public sealed record OfferRequest(string CallId, string Sdp);
