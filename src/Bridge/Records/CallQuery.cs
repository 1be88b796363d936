namespace Bridge.Records;

/// <summary>Which calls are wanted; what is null is not asked for.</summary>
internal sealed record CallQuery
{
    /// <summary>Most calls of one answer, 1..1000.</summary>
    public int Most { get; init; } = 100;

    /// <summary>Go on behind the call of this place; see <see cref="CallPlace"/>.</summary>
    public CallPlace? After { get; init; }

    /// <summary>Words that occur in what was said, in a note or in the recap; each of them, whole or its beginning.</summary>
    public string? Words { get; init; }

    /// <summary>Slug of the role.</summary>
    public string? Role { get; init; }

    /// <summary>The person.</summary>
    public string? Caller { get; init; }

    /// <summary>Name of the model.</summary>
    public string? Model { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Reason { get; init; }

    /// <summary>Began then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Began before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Cost this much or more, US dollars.</summary>
    public decimal? MinCost { get; init; }

    /// <summary>Cost this much or less, US dollars.</summary>
    public decimal? MaxCost { get; init; }
}
