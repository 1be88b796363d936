using Bridge.Access;
using Bridge.Configuration;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>
/// Which pages may talk to this host: its own, and those of the configured origins. Browsers do not hold WebSockets to
/// CORS, so the hub's origin is checked here.
/// </summary>
internal sealed class EmbeddingOrigins(IOptions<BridgeOptions> options, HostFilter hosts)
{
    /// <summary>The SDK is for every page to load: one that was not invited is told so when it calls, in words.</summary>
    public static void Publish(StaticFileResponseContext file)
    {
        if (file.Context.Request.Path.StartsWithSegments("/sdk", StringComparison.OrdinalIgnoreCase))
        {
            file.Context.Response.Headers.AccessControlAllowOrigin = "*";
        }
    }

    /// <summary>Refuses hub requests of pages that were not invited.</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();

        // Like routing, which takes /SIGNAL for the hub, too.
        if (context.Request.Path.StartsWithSegments("/signal", StringComparison.OrdinalIgnoreCase) && origin.Length > 0
            && !IsInvited(origin, context.Request))
        {
            // The page may read why, or its developer would see nothing but a failed request.
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlAllowHeaders = "*";
            if (HttpMethods.IsOptions(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsync(origin == "null"
                ? "origin_not_allowed: A page without an origin, such as a file or a sandboxed frame, may not hold calls here. Serve it "
                    + "over http or https."
                : $"origin_not_allowed: Pages of {origin} may not hold calls here. The operator of the Bridge can allow them with --origin "
                    + $"{origin}.");
        }

        return next(context);
    }

    private bool IsInvited(string origin, HttpRequest request) =>
        options.Value.Origins.Contains(origin)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && hosts.IsOwnOrigin(uri, request));
}
