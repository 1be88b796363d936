namespace Bridge.Records;

/// <summary>Which calls a chart sums up.</summary>
/// <param name="From">Began then or later; the begin of an hour or a day.</param>
/// <param name="To">Began before.</param>
/// <param name="ByDay">Sums of days, not of hours.</param>
/// <param name="Role">Slug of the role; null for all.</param>
internal sealed record ChartQuery(DateTimeOffset From, DateTimeOffset To, bool ByDay, string? Role)
{
    /// <summary>Most sums of one answer.</summary>
    public const int MaxSums = 1_000;

    /// <summary>How long the calls of one sum may begin.</summary>
    public TimeSpan Step => ByDay ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);
}
