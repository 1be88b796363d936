namespace Bridge.Access;

/// <summary>
/// The person that a call is for, with what its ticket or sign-in allows. Immutable; goes with the call from Join on.
/// </summary>
public sealed record Caller
{
    /// <summary>Somebody of whom nothing is known.</summary>
    public static Caller Anonymous { get; } = new();

    /// <summary>The person, in the words of the ticket's issuer (RFC 7519 §4.1.2, <c>sub</c>); null for <see cref="Anonymous"/>.</summary>
    public string? Subject { get; init; }

    /// <summary>True when a ticket or a sign-in vouches for it.</summary>
    public bool IsVerified => Subject is not null;

    /// <summary>Slugs of the roles it may talk to; null allows every role.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Attributes that the issuer vouches for; they win over the page's.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time of one call, in minutes; null leaves the role's own limit.</summary>
    public double? Minutes { get; init; }

    /// <summary>Largest cost of one call, in US dollars; null leaves the role's own limit.</summary>
    public decimal? Budget { get; init; }

    /// <summary>Calls it may hold at once; null leaves the host's limit.</summary>
    public int? Concurrent { get; init; }

    /// <summary>Its name in accounts, usage and metrics: a keyed hash, the same for all its calls.</summary>
    public string Account { get; init; } = "anonymous";

    /// <summary>When the ticket ends (RFC 7519 §4.1.4, <c>exp</c>); null without a ticket.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>True when it may talk to this role.</summary>
    public bool MayTalkTo(string slug) => Roles is null || Roles.Contains(slug, StringComparer.Ordinal);
}
