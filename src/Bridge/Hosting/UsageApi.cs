using System.Globalization;
using Bridge.Access;
using Bridge.Money;
using Bridge.Timing;

namespace Bridge.Hosting;

/// <summary><c>GET /api/usage</c>: what calls used on a day, for operators.</summary>
internal static class UsageApi
{
    public static void MapUsage(this IEndpointRouteBuilder app, Operators operators) => app
        .MapGet("/api/usage", Read)
        .AddEndpointFilter(operators.Require)
        .WithSummary("Dollars, minutes and tokens of a day (UTC), by role, caller (hashed) and model; for operators alone.")
        .Produces<UsageReport>();

    private static IResult Read(DayBook days, TimeProvider time, string? day = null)
    {
        var asked = time.Today();
        if (day is not null && !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out asked))
        {
            return Results.Problem("day has to be a date such as 2026-11-30.", statusCode: StatusCodes.Status400BadRequest);
        }

        try
        {
            var rows = days.UsageOf(asked) ?? [];
            return Results.Json(new UsageReport(asked, rows.Sum(r => r.Calls), rows.Sum(r => r.Dollars), rows.Sum(r => r.Minutes), [.. rows.OrderByDescending(r => r.Dollars)]));
        }
        catch (IOException unreadable)
        {
            return Results.Problem(unreadable.Message, statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    /// <summary>Answer of <c>/api/usage</c>.</summary>
    /// <param name="Day">In UTC.</param>
    /// <param name="Calls">Calls that began on it.</param>
    /// <param name="Dollars">US dollars at the operator's prices.</param>
    /// <param name="Minutes">Minutes of calls.</param>
    /// <param name="Rows">By role, caller and model; the dearest first.</param>
    internal sealed record UsageReport(DateOnly Day, int Calls, decimal Dollars, double Minutes, IReadOnlyList<UsageRow> Rows);
}
