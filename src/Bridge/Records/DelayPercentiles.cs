namespace Bridge.Records;

/// <summary>Delays that half, 95 % and 99 % of the answers did not exceed, ms; within 3.2 % or 0.05 ms (<see cref="DelayBins"/>).</summary>
internal sealed record DelayPercentiles(double P50, double P95, double P99)
{
    /// <summary>Those of counted bins; null when there are none.</summary>
    public static DelayPercentiles? Of(ReadOnlySpan<int> counts) => DelayBins.Percentile(counts, 0.5) is { } half
        ? new DelayPercentiles(half, DelayBins.Percentile(counts, 0.95)!.Value, DelayBins.Percentile(counts, 0.99)!.Value)
        : null;
}
