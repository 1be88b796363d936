using System.Globalization;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Records;

/// <summary>The forms in which values stand in the store's columns, the same in both databases.</summary>
internal static class RecordValues
{
    /// <summary>Times lie before the year 10000.</summary>
    public const long MaxMicroseconds = 253_402_300_800_000_000;

    private const decimal Nano = 1_000_000_000m;
    private static readonly decimal MaxCost = long.MaxValue / Nano;

    /// <summary>A time as microseconds since 1970 (UTC).</summary>
    public static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of <see cref="Microseconds"/>.</summary>
    public static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>US dollars as billionths.</summary>
    public static long? Billionths(decimal? dollars) =>
        dollars is { } cost ? (long)Math.Round(Math.Clamp(cost, -MaxCost, MaxCost) * Nano) : null;

    /// <summary>The dollars of <see cref="Billionths"/>, without trailing zeros.</summary>
    public static decimal Dollars(long billionths) => billionths / Nano / 1.000000000000000000000000000000m;

    /// <summary>Usage as JSON.</summary>
    public static string Usage(ModelUsage usage) => JsonSerializer.Serialize(usage, CallRecord.JsonLine);

    /// <summary>The usage of <see cref="Usage(ModelUsage)"/>.</summary>
    public static ModelUsage Usage(string json) => JsonSerializer.Deserialize<ModelUsage>(json, CallRecord.JsonLine);

    /// <summary>A text that both databases take: PostgreSQL has no U+0000 in texts.</summary>
    public static string Text(string text) => text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;

    /// <summary>Invariant number.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
