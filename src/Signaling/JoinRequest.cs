namespace Bridge.Signaling;

/// <summary>Asks for a new call with a role, or for the way back into a call that is still alive.</summary>
/// <param name="Role">Slug of the role to talk to, as listed at <c>/api/roles</c>.</param>
/// <param name="ResumeToken">Token of an earlier <see cref="JoinReply"/>; the call goes on when it is still alive.</param>
/// <param name="Attributes">What the embedding page knows of the caller; visible to the role's templates.</param>
/// <param name="Locale">BCP 47 language tag of the page, for instance <c>en-GB</c>.</param>
/// <param name="TimeZone">IANA time zone of the page, for instance <c>Europe/Paris</c>.</param>
public sealed record JoinRequest(
    string Role,
    string? ResumeToken = null,
    IReadOnlyDictionary<string, string>? Attributes = null,
    string? Locale = null,
    string? TimeZone = null);
