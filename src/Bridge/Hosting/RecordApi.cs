using Bridge.Access;
using Bridge.Calls;
using Bridge.Recordings;
using Bridge.Records;

namespace Bridge.Hosting;

/// <summary><c>/api/calls</c> and what belongs to it: finding, exporting and erasing records; for operators alone.</summary>
internal static class RecordApi
{
    private const int MaxDeletions = 1_000;

    public static void MapRecords(this IEndpointRouteBuilder app, Operators operators)
    {
        app.MapGet("/api/calls", ListAsync).AddEndpointFilter(operators.Require)
            .WithSummary(
                "Ended calls, newest first; q, role, caller, model, reason, from, to, minCost and maxCost filter. For operators alone.");
        app.MapGet("/api/calls/export", ExportAsync).AddEndpointFilter(operators.Require)
            .WithSummary("The same calls whole, as JSON Lines; for operators alone.");
        app.MapGet("/api/calls/{id}", FindAsync).AddEndpointFilter(operators.Require)
            .WithSummary("One call with its conversation, also while it runs; for operators alone.");
        app.MapGet("/api/calls/{id}/images/{name}", FindImageAsync).AddEndpointFilter(operators.Require)
            .WithSummary("An image of a call; for operators alone.");
        app.MapDelete("/api/calls/{id}", EraseCallAsync).AddEndpointFilter(operators.Require)
            .WithSummary("Erases an ended call with all that is kept of it; for operators alone.");
        app.MapDelete("/api/callers/{sub}", EraseCallerAsync).AddEndpointFilter(operators.Require)
            .WithSummary("Erases every call of a person; for operators alone.");
        app.MapGet("/api/deletions", DeletionsAsync).AddEndpointFilter(operators.Require)
            .WithSummary("The deletion log, newest first; for operators alone.");
    }

    private static Task<IResult> ListAsync(
        [AsParameters] RecordQuery asked, ICallStore store, HttpContext context, CancellationToken cancellation) =>
        FromStoreAsync(async () =>
    {
        if (!asked.TryRead(out var query, out var wrong))
        {
            return Wrong(wrong);
        }

        var records = await store.ListAsync(query, cancellation).ConfigureAwait(false);
        if (records.Count == query.Most)
        {
            // RFC 8288: the same query, behind the last of these.
            var next = QueryString.Create(
                [.. context.Request.Query.Where(p => p.Key != "after"), new("after", CallPlace.Of(records[^1]).ToString())]);
            context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{next}>; rel=\"next\"";
        }

        return Results.Json(records, CallRecord.Json);
    });

    private static Task<IResult> ExportAsync([AsParameters] RecordQuery asked, ICallStore store, CancellationToken cancellation) =>
        FromStoreAsync(async () =>
    {
        if (!asked.TryRead(out var query, out var wrong))
        {
            return Wrong(wrong);
        }

        // Read before the answer begins: a store that is away is an error, not an empty file.
        var first = await store.ListAsync(query with { Most = RecordExport.PageSize }, cancellation).ConfigureAwait(false);
        return Results.Stream(
            stream => RecordExport.WriteAsync(store, query, first, stream, cancellation), "application/jsonl", "calls.jsonl");
    });

    private static Task<IResult> FindAsync(string id, ICallStore store, RecordingDesk recordings, CancellationToken cancellation) =>
        FromStoreAsync(async () =>
        await store.FindAsync(id, cancellation).ConfigureAwait(false) is { } record
            ? Results.Json(record with { Audio = recordings.Find(id) }, CallRecord.Json)
            : Results.NotFound());

    private static Task<IResult> FindImageAsync(string id, string name, ICallStore store, CancellationToken cancellation) =>
        FromStoreAsync(async () =>
        await store.FindImageAsync(id, name, cancellation).ConfigureAwait(false) is { } image
            ? Results.Bytes(image.Bytes, image.MediaType)
            : Results.NotFound());

    private static Task<IResult> EraseCallAsync(string id, CallRegistry calls, RecordRetention retention) => FromStoreAsync(async () =>
        calls.IsAlive(id) ? Results.Problem("The call is running; it is erased once it is over.", statusCode: StatusCodes.Status409Conflict)
        : await retention.EraseCallAsync(id).ConfigureAwait(false) ? Results.NoContent()
        : Results.NotFound());

    private static Task<IResult> EraseCallerAsync(string sub, CallRegistry calls, RecordRetention retention) => FromStoreAsync(async () =>
        calls.Calls.Any(call => call.Caller.Subject == sub)
            ? Results.Problem(
                "A call of this caller is running; they are erased once it is over.", statusCode: StatusCodes.Status409Conflict)
            : Results.Json(new { erased = await retention.EraseCallerAsync(sub).ConfigureAwait(false) }));

    private static Task<IResult> DeletionsAsync(ICallStore store, CancellationToken cancellation) => FromStoreAsync(async () =>
        Results.Json(await store.DeletionsAsync(MaxDeletions, cancellation).ConfigureAwait(false), CallRecord.Json));

    internal static IResult Wrong(string sentence) => Results.Problem(sentence, statusCode: StatusCodes.Status400BadRequest);

    internal static async Task<IResult> FromStoreAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (IOException)
        {
            return Results.Problem("The store of records is away; try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
