using System.Globalization;
using Bridge.Access;
using Bridge.Records;

namespace Bridge.Hosting;

/// <summary><c>GET /api/charts</c>: ended calls summed up by hours or days, for operators.</summary>
internal static class ChartApi
{
    private static readonly TimeSpan Hours = TimeSpan.FromDays(2);
    private static readonly TimeSpan Days = TimeSpan.FromDays(30);

    public static void MapCharts(this IEndpointRouteBuilder app, Operators operators) => app
        .MapGet("/api/charts", ReadAsync)
        .AddEndpointFilter(operators.Require)
        .WithSummary(
            "Ended calls, minutes, cost and percentiles of delays by hour or day (by, from, to, role; UTC); for operators alone.");

    private static Task<IResult> ReadAsync(
        ICallStore store, TimeProvider time, CancellationToken cancellation, string? by = null, string? from = null, string? to = null,
        string? role = null) => RecordApi.FromStoreAsync(async () =>
    {
        if (by is not (null or "hour" or "day"))
        {
            return RecordApi.Wrong("by is hour or day.");
        }

        var byDay = by is "day";
        if (!TryTime(to, time.GetUtcNow(), out var end) || !TryTime(from, end - (byDay ? Days : Hours), out var begin))
        {
            return RecordApi.Wrong("from and to: a time is expected, such as 2026-11-30 or 2026-11-30T08:00:00Z.");
        }

        var query = new ChartQuery(begin, end, byDay, string.IsNullOrEmpty(role) ? null : role);
        query = query with { From = Floor(begin, query.Step) };
        if (query.From >= end || (end - query.From) / query.Step > ChartQuery.MaxSums)
        {
            return RecordApi.Wrong(
                string.Create(CultureInfo.InvariantCulture, $"from lies before to, by {ChartQuery.MaxSums} hours or days at most."));
        }

        return Results.Json(await store.ChartAsync(query, cancellation).ConfigureAwait(false), CallRecord.Json);
    });

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan step) => new(at.UtcTicks - (at.UtcTicks % step.Ticks), TimeSpan.Zero);

    private static bool TryTime(string? text, DateTimeOffset otherwise, out DateTimeOffset value)
    {
        value = otherwise;

        // A plus of an offset that was not escaped has become a space.
        return string.IsNullOrEmpty(text) || DateTimeOffset.TryParse(
            text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);
    }
}
