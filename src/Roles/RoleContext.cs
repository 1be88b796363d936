namespace Bridge.Roles;

/// <summary>The call as a template sees it.</summary>
public sealed record RoleContext
{
    /// <summary>Characters of an attribute that reach the template; the rest is cut off, and line breaks become spaces.</summary>
    public const int MaxAttributeLength = 500;

    /// <summary>
    /// The moment of rendering; <c>{{date}}</c>, <c>{{time}}</c> and <c>{{weekday}}</c> are taken from it in <see cref="TimeZone"/>.
    /// </summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The caller's BCP 47 locale; null for the role's language.</summary>
    public string? Locale { get; init; }

    /// <summary>The caller's IANA time zone; null or unknown leaves <see cref="Now"/> in its own offset.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The embedding page's attributes of the caller, <c>{{caller.name}}</c>; hostile text, never markup.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The ticket's attributes of the caller, <c>{{caller.verified.plan}}</c>; it also wins over <see cref="Attributes"/> of the same
    /// names. Null without a ticket. The page can't set it.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Verified { get; init; }
}
