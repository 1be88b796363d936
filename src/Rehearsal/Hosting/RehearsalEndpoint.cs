using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bridge.Rehearsal.Hosting;

/// <summary>The WebSocket endpoint of a rehearsal server: the service's handshake, as far as clients can see it.</summary>
public static class RehearsalEndpoint
{
    private const string BrowserKey = "openai-insecure-api-key.";

    /// <summary>
    /// Maps the server at <paramref name="path"/>. The subprotocol <c>realtime</c> is taken when it is offered; the model is
    /// the query's <c>model</c>, or <c>deployment</c> as Azure has it.
    /// </summary>
    /// <param name="routes">Where to map it.</param>
    /// <param name="path">Path of the endpoint, for instance <c>/v1/realtime</c>.</param>
    /// <param name="server">The server that answers.</param>
    /// <param name="admits">Whether the request may in; a request that may not gets 401. By default <see cref="BringsKey"/>.</param>
    /// <param name="stopping">Fires when the sessions are to end.</param>
    /// <remarks>The application calls <c>UseWebSockets()</c> before it.</remarks>
    public static IEndpointConventionBuilder MapRehearsal(
        this IEndpointRouteBuilder routes, string path, RehearsalServer server, Func<HttpContext, bool>? admits = null,
        CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(server);
        admits ??= BringsKey;
        return routes.Map(path, async (HttpContext context) =>
        {
            if (!Enters(context, server, admits))
            {
                return;
            }

            var protocols = context.WebSockets.WebSocketRequestedProtocols;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocols.Contains("realtime") ? "realtime" : null)
                .ConfigureAwait(false);
            if (context.Request.Headers.ContainsKey("OpenAI-Beta")
                || protocols.Any(p => p.StartsWith("openai-beta.", StringComparison.Ordinal)))
            {
                await RehearsalServer.RefuseBetaAsync(socket, stopping).ConfigureAwait(false);
                return;
            }

            var model = context.Request.Query["model"].ToString();
            await server.RunAsync(socket, model.Length > 0 ? model : context.Request.Query["deployment"].ToString(), stopping)
                .ConfigureAwait(false);
        });
    }

    /// <summary>
    /// Maps the server's Live protocol at <paramref name="path"/>: no query, no subprotocol; the model is named by <c>session.start</c>.
    /// A server that has no such protocol answers 404.
    /// </summary>
    /// <param name="routes">Where to map it.</param>
    /// <param name="path">Path of the endpoint, for instance <c>/v1/live/sessions</c>.</param>
    /// <param name="server">The server that answers.</param>
    /// <param name="admits">Whether the request may in; a request that may not gets 401. By default <see cref="BringsKey"/>.</param>
    /// <param name="stopping">Fires when the sessions are to end.</param>
    /// <remarks>The application calls <c>UseWebSockets()</c> before it.</remarks>
    public static IEndpointConventionBuilder MapRehearsalLive(
        this IEndpointRouteBuilder routes, string path, RehearsalServer server, Func<HttpContext, bool>? admits = null,
        CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(server);
        admits ??= BringsKey;
        return routes.Map(path, async (HttpContext context) =>
        {
            if (!server.ServesLive)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            if (!Enters(context, server, admits))
            {
                return;
            }

            if (context.Request.QueryString.HasValue)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
            await server.RunLiveAsync(socket, stopping).ConfigureAwait(false);
        });
    }

    /// <summary>
    /// True when the request brings any key in one of the ways the service and Azure take: bearer token, <c>api-key</c>
    /// header or query, or the subprotocol of browsers, which can't set headers.
    /// </summary>
    public static bool BringsKey(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.Headers.Authorization.ToString() is { Length: > 7 } authorization
                && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || context.Request.Headers["api-key"].ToString().Length > 0
            || context.Request.Query["api-key"].ToString().Length > 0
            || context.WebSockets.WebSocketRequestedProtocols.Any(
                p => p.StartsWith(BrowserKey, StringComparison.Ordinal) && p.Length > BrowserKey.Length);
    }

    // Answers a handshake that may not in.
    private static bool Enters(HttpContext context, RehearsalServer server, Func<HttpContext, bool> admits)
    {
        var refusal = !admits(context) ? StatusCodes.Status401Unauthorized
            : server.Faults.HandshakeStatus
                ?? (context.WebSockets.IsWebSocketRequest ? (int?)null : StatusCodes.Status426UpgradeRequired);
        if (refusal is { } status)
        {
            context.Response.StatusCode = status;
        }

        return refusal is null;
    }
}
