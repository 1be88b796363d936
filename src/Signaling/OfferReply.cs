namespace Bridge.Signaling;

/// <summary>The SDP answer; it carries every candidate of the server.</summary>
/// <param name="Sdp">The answer.</param>
public sealed record OfferReply(string Sdp);
