using Bridge.Access;
using Bridge.Calls;
using Bridge.Cluster.Nodes;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Operation;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>HTTP endpoints for programs; described at <c>/openapi/v1.json</c>.</summary>
internal static class Api
{
    public static void MapBridgeApi(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz/live", () => Results.Text("alive")).WithSummary("The process runs.");
        app.MapGet("/healthz/ready", ReadyAsync).WithSummary("The host takes calls.");
        app.MapGet("/api/roles", ListRoles).WithSummary("The gallery: roles and the model that answers.");
        var operators = app.ServiceProvider.GetRequiredService<Operators>();
        app.MapRecords(operators);
        app.MapAudio(operators);
        app.MapTickets(operators);
        app.MapUsage(operators);
        app.MapCharts(operators);
        app.MapOperation(operators);
        app.MapCluster(operators);
        app.MapGet("/api/roles/{slug}/page-data", PageData).WithSummary("Data that a role gives its page module.");
    }

    private static async Task<IResult> ReadyAsync(CallRegistry calls, RoleCatalog roles, RecordWriter writer)
    {
        if (calls.Draining)
        {
            return Results.Text("draining", statusCode: 503);
        }

        if (roles.Current.Entries.All(e => e.Role is null))
        {
            return Results.Text("no role is loaded", statusCode: 503);
        }

        // Calls go on without their store; the operator sees it in the health report.
        return Results.Text(await writer.IsWellAsync().ConfigureAwait(false) ? "ready" : "degraded");
    }

    private static RoleList ListRoles(RoleCatalog roles, ModelDirectory models, IOptions<BridgeOptions> options, Operators operators, HttpContext context)
    {
        // Where a role is broken is the developer's business: it names files of this machine.
        var developer = operators.IsDeveloper(context) || operators.Includes(context);
        var cards = new List<RoleCard>();
        foreach (var entry in roles.Current.Gallery(options.Value.PrivateRoles))
        {
            var role = entry.Role;
            if (role is null && !developer)
            {
                continue;
            }

            cards.Add(new RoleCard(
                entry.Slug,
                role?.Name ?? entry.Folder,
                role?.Emoji ?? "",
                role?.Description ?? "",
                role?.Language ?? "en",
                role is null ? [] : [.. role.Tools.Where(t => t.Label.Length > 0).Select(t => t.Label)],
                role?.Page is not null,
                role is not null,
                developer && entry.Errors.Count > 0 ? [.. entry.Errors.Select(e => new RoleFault(e.File, e.Line, e.Message))] : null));
        }

        return new RoleList(models.Describe(), cards);
    }

    private static IResult PageData(string slug, RoleCatalog roles, IOptions<BridgeOptions> options) =>
        roles.Current.Find(slug, options.Value.PrivateRoles)?.Page is { } page ? Results.Json(page.Data) : Results.NotFound();

    /// <summary>Answer of <c>/api/roles</c>.</summary>
    /// <param name="Model">Which model answers.</param>
    /// <param name="Roles">The cards, in the order of the gallery.</param>
    internal sealed record RoleList(ModelInfo Model, IReadOnlyList<RoleCard> Roles);

    /// <summary>One card of the gallery.</summary>
    internal sealed record RoleCard(
        string Slug,
        string Name,
        string Emoji,
        string Description,
        string Language,
        IReadOnlyList<string> Tools,
        bool HasPage,
        bool Available,
        IReadOnlyList<RoleFault>? Errors);

    /// <summary>The errors of a role folder; shown to the developer at this machine and to operators.</summary>
    internal sealed record RoleFault(string File, int Line, string Message);
}
