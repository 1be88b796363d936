namespace Bridge.Signaling;

/// <summary>Ends a call.</summary>
/// <param name="CallId">From <see cref="JoinReply.CallId"/>.</param>
public sealed record HangupRequest(string CallId);
