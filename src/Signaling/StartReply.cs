namespace Bridge.Signaling;

/// <summary>The answers of <c>Join</c> and <c>Offer</c> in one.</summary>
/// <param name="Join">The call.</param>
/// <param name="Sdp">The answer; it carries every candidate of the server.</param>
public sealed record StartReply(JoinReply Join, string Sdp);
