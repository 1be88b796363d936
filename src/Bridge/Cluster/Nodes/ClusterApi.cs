using Bridge.Access;

namespace Bridge.Cluster.Nodes;

/// <summary>The operator's API of nodes.</summary>
internal static class ClusterApi
{
    public static void MapCluster(this IEndpointRouteBuilder app, Operators operators)
    {
        app.MapGet("/api/nodes", (NodeCommands nodes) => nodes.NodesAsync()).AddEndpointFilter(operators.Require)
            .WithSummary("The nodes of the cluster with their calls and the revisions of their roles; for operators alone.");
        app.MapGet("/api/nodes/{node}/calls", Calls).AddEndpointFilter(operators.Require)
            .WithSummary("The living calls of a node; for operators alone.");
        app.MapPost("/api/nodes/{node}/drain", (string node, NodeCommands nodes) => RestAsync(nodes, node, true))
            .AddEndpointFilter(operators.Require)
            .WithSummary("The node takes no new calls, and its calls move to other nodes. For operators alone.");
        app.MapPost("/api/calls/{id}/move", Move).AddEndpointFilter(operators.Require)
            .WithSummary("Moves a living call to another node at the next boundary of a turn; for operators alone.");
        app.MapPost("/api/nodes/{node}/resume", (string node, NodeCommands nodes) => RestAsync(nodes, node, false))
            .AddEndpointFilter(operators.Require)
            .WithSummary("The node takes new calls again; for operators alone.");
        app.MapPost("/api/nodes/{node}/calls/{id}/end", End).AddEndpointFilter(operators.Require)
            .WithSummary("Ends a running call of a node; its page gets the reason. For operators alone.");
    }

    private static Task<IResult> RestAsync(NodeCommands nodes, string node, bool resting) => TryAsync(async () =>
    {
        await nodes.RestAsync(node, resting).ConfigureAwait(false);
        return Results.Accepted();
    });

    private static Task<IResult> Move(string id, NodeCommands nodes) => TryAsync(async () =>
        await nodes.MoveAsync(id).ConfigureAwait(false) switch
        {
            MoveOutcome.Begun => Results.Accepted(),
            MoveOutcome.Unknown => Results.NotFound(),
            MoveOutcome.NoTarget => Results.Problem("No other node takes calls of its role.", statusCode: StatusCodes.Status409Conflict),
            _ => Results.Problem(
                "The call can't go on elsewhere: its role keeps no transcripts, or its page is not there yet.",
                statusCode: StatusCodes.Status409Conflict),
        });

    private static Task<IResult> Calls(string node, NodeCommands nodes) =>
        TryAsync(async () => Results.Json(await nodes.CallsAsync(node).ConfigureAwait(false)));

    private static Task<IResult> End(string node, string id, NodeCommands nodes) => TryAsync(async () =>
        await nodes.EndAsync(node, id).ConfigureAwait(false) ? Results.Accepted() : Results.NotFound());

    private static async Task<IResult> TryAsync(Func<Task<IResult>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (RelayException silent)
        {
            return silent.IsGone
                ? Results.NotFound()
                : Results.Problem("The node does not answer.", statusCode: StatusCodes.Status504GatewayTimeout);
        }
        catch (ClusterAwayException)
        {
            return Results.Problem("Redis does not answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
