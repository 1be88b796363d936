using Bridge.Access;
using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Operation;

/// <summary>The operator's API beside the records: living calls, roles, health; for operators alone.</summary>
internal static class OperationApi
{
    public static void MapOperation(this IEndpointRouteBuilder app, Operators operators)
    {
        // Now, so that it knows of the roles' first edit.
        _ = app.ServiceProvider.GetRequiredService<RoleHistory>();
        app.MapGet("/api/live", (HttpContext context, LiveFeed feed) => feed.AnswerAsync(context)).AddEndpointFilter(operators.Require)
            .WithSummary("The living calls twice a second, as server-sent events; most bounds them. For operators alone.");
        app.MapPost("/api/calls/{id}/end", End).AddEndpointFilter(operators.Require)
            .WithSummary("Ends a running call; its page gets the reason, and the recap is written. For operators alone.");
        app.MapGet("/api/operator/roles", Roles).AddEndpointFilter(operators.Require)
            .WithSummary("Every role with its revision, the time it was loaded, and its errors; for operators alone.");
        app.MapGet("/api/health", (HostReport report) => report.ReadAsync()).AddEndpointFilter(operators.Require)
            .WithSummary("How store, model, disk and memory are, and what calls met; for operators alone.");
    }

    private static IResult End(string id, CallRegistry calls)
    {
        if (calls.Calls.FirstOrDefault(c => c.Id == id) is not { } call)
        {
            return Results.NotFound();
        }

        call.Post(new TurnInput.HangUpRequested(CallEnd.EndedByOperator));
        return Results.Accepted();
    }

    private static RoleReport Roles(RoleHistory history, RoleCatalog roles) => new(
        roles.Current.Version, [.. history.Roles.Select(r => OperatorRole.Of(r.Entry, r.At))], roles.Current.Errors);

    /// <summary>Answer of <c>/api/operator/roles</c>.</summary>
    /// <param name="Version">Grows with every publication.</param>
    /// <param name="Roles">By folder.</param>
    /// <param name="Errors">Errors that concern no single role.</param>
    internal sealed record RoleReport(long Version, IReadOnlyList<OperatorRole> Roles, IReadOnlyList<RoleError> Errors);
}
