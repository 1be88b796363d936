namespace Bridge.Signaling;

/// <summary>A <see cref="JoinRequest"/> and the first <see cref="OfferRequest"/> of the call in one message.</summary>
/// <param name="Join">The request of <c>Join</c>, under the same rules.</param>
/// <param name="Sdp">The offer; see <see cref="OfferRequest.Sdp"/>.</param>
public sealed record StartRequest(JoinRequest Join, string Sdp);
