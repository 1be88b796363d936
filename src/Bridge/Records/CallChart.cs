namespace Bridge.Records;

/// <summary>Ended calls of a span of time, summed up by hours or days (UTC).</summary>
/// <param name="From">Begin of the first sum.</param>
/// <param name="To">End of the last one.</param>
/// <param name="By"><c>hour</c> or <c>day</c>.</param>
/// <param name="Sums">One for each hour or day in which a call began, in order.</param>
internal sealed record CallChart(DateTimeOffset From, DateTimeOffset To, string By, IReadOnlyList<CallSum> Sums);
