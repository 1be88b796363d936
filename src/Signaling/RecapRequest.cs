namespace Bridge.Signaling;

/// <summary>Asks how a call ended, after a Join with <see cref="JoinRequest.ResumeOnly"/> was refused as <c>call_over</c>.</summary>
/// <param name="ResumeToken">The token of the call, from <see cref="JoinReply.ResumeToken"/>.</param>
public sealed record RecapRequest(string ResumeToken);
