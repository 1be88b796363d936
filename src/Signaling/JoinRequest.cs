namespace Bridge.Signaling;

/// <summary>Asks for a new call with a role, or for the way back into a call that is still alive.</summary>
/// <param name="Role">Slug of the role to talk to, as listed at <c>/api/roles</c>.</param>
/// <param name="ResumeToken">Token of an earlier <see cref="JoinReply"/>; the call goes on when it is still alive.</param>
/// <param name="Attributes">The embedding page's attributes of the caller; visible to the role's templates.</param>
/// <param name="Locale">BCP 47 language tag of the page, for instance <c>en-GB</c>.</param>
/// <param name="TimeZone">IANA time zone of the page, for instance <c>Europe/Paris</c>.</param>
/// <param name="ResumeOnly">
/// Join nothing but the call that <paramref name="ResumeToken"/> names; when it is over the answer is <c>call_over</c>.
/// </param>
public sealed record JoinRequest(
    string Role,
    string? ResumeToken = null,
    IReadOnlyDictionary<string, string>? Attributes = null,
    string? Locale = null,
    string? TimeZone = null,
    bool ResumeOnly = false)
{
    private const int LongestLocale = 35;
    private const int LongestTimeZone = 64;

    /// <summary>
    /// The same request without a locale or time zone that can't be one: browsers say the oddest things, and none is worth a call.
    /// </summary>
    public JoinRequest Normalised() => this with
    {
        Locale = IsMadeOf(Locale, LongestLocale, "-") ? Locale : null,
        TimeZone = IsMadeOf(TimeZone, LongestTimeZone, "_+-/") ? TimeZone : null,
    };

    private static bool IsMadeOf(string? value, int longest, string marks) =>
        value is { Length: > 0 } && value.Length <= longest
            && value.All(c => char.IsAsciiLetterOrDigit(c) || marks.Contains(c, StringComparison.Ordinal));
}
