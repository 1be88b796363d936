namespace Bridge.Records;

/// <summary>The facts of a call at its end.</summary>
/// <param name="Role">Slug of its role; another one after a transfer.</param>
/// <param name="Ended">When.</param>
/// <param name="Reason">Why.</param>
/// <param name="Recap">Summary in markdown; null when there is none or none is kept.</param>
/// <param name="Missing">Entries that could not be kept.</param>
/// <param name="KeepUntil">When the record is erased; null keeps it as long as the host's own limit.</param>
internal sealed record CallClosing(string Role, DateTimeOffset Ended, string Reason, string? Recap, int Missing, DateTimeOffset? KeepUntil)
{
    /// <summary>Its outcome: JSON after the role's schema; null when there is none or none is kept.</summary>
    public string? Outcome { get; init; }
}
