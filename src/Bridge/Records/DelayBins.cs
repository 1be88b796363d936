using System.Globalization;

namespace Bridge.Records;

/// <summary>
/// Delays as counts of bins, so that those of many calls can be added up: sixteen bins of 0.1 ms, then sixteen for each doubling.
/// A bin's middle is within 3.2 % or 0.05 ms of each delay in it; from 13 s on all delays are in the last bin.
/// </summary>
internal static class DelayBins
{
    /// <summary>All bins of one kind.</summary>
    public const int Count = PerDoubling * Doublings;

    /// <summary>Where the bins of the second kind begin, downlink behind model.</summary>
    public const int Downlink = 1_000;

    private const int PerDoubling = 16;
    private const int Doublings = 14;
    private const int UnitMicroseconds = 100;

    /// <summary>An SQL expression: the bin of microseconds in a column.</summary>
    public static string Sql(string column)
    {
        var units = $"({column} / {Text(UnitMicroseconds)})";
        var cases = Enumerable.Range(1, Doublings - 1).Select(
            d => $" when {units} < {Text(PerDoubling << d)} then {Text(d * PerDoubling)} + ({units} - {Text(PerDoubling << (d - 1))})"
                + $" / {Text(1 << (d - 1))}");
        var first = $"case when {units} < 0 then 0 when {units} < {Text(PerDoubling)} then {units}";
        return $"{first}{string.Concat(cases)} else {Text(Count - 1)} end";
    }

    /// <summary>The middle of a bin, ms.</summary>
    public static double Milliseconds(int bin)
    {
        var doubling = bin / PerDoubling;
        var (start, width) = doubling == 0 ? (bin, 1) : ((PerDoubling + (bin % PerDoubling)) << (doubling - 1), 1 << (doubling - 1));
        return (start + (width / 2.0)) * UnitMicroseconds / 1_000;
    }

    /// <summary>Adds what the store keeps of a call, such as <c>34:2,1002:7</c>, to the counts of both kinds.</summary>
    /// <param name="kept">The text; parts that are none are left out.</param>
    /// <param name="model">Counts of the model's bins, or null.</param>
    /// <param name="downlink">Counts of the downlink's bins, or null.</param>
    public static void Add(ReadOnlySpan<char> kept, Span<int> model, Span<int> downlink)
    {
        foreach (var range in kept.Split(','))
        {
            var part = kept[range];
            var colon = part.IndexOf(':');
            if (colon > 0 && int.TryParse(part[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var bin)
                && int.TryParse(part[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                var counts = bin < Downlink ? model : downlink;
                bin -= bin < Downlink ? 0 : Downlink;
                if (bin < counts.Length)
                {
                    counts[bin] += count;
                }
            }
        }
    }

    /// <summary>The delay that a share of all does not exceed, ms; null when there are none.</summary>
    public static double? Percentile(ReadOnlySpan<int> counts, double share)
    {
        long all = 0;
        foreach (var count in counts)
        {
            all += count;
        }

        var wanted = Math.Max((long)Math.Ceiling(all * share), 1);
        long seen = 0;
        for (var bin = 0; bin < counts.Length && all > 0; bin++)
        {
            seen += counts[bin];
            if (seen >= wanted)
            {
                return Milliseconds(bin);
            }
        }

        return null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
