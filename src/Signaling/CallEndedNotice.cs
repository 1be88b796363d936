namespace Bridge.Signaling;

/// <summary>Tells the page that its call is over.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Reason">
/// Stable word: <c>hangup</c>, <c>end_call</c>, <c>time_limit</c>, <c>cost_limit</c>, <c>connection_lost</c>, <c>model_unavailable</c>,
/// <c>shutdown</c>, <c>replaced</c>, <c>failed</c>.
/// </param>
public sealed record CallEndedNotice(string CallId, string Reason);
