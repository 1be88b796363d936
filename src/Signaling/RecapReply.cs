namespace Bridge.Signaling;

/// <summary>The end of a call.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Reason">As in <see cref="CallEndedNotice"/>.</param>
/// <param name="Markdown">The recap, when the role wrote one.</param>
public sealed record RecapReply(string CallId, string Reason, string? Markdown = null);
