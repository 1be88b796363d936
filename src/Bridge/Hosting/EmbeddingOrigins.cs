using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>
/// Which pages may talk to this host: its own, and those of the configured origins. Browsers do not hold WebSockets to
/// CORS, so the hub's origin is checked here.
/// </summary>
internal sealed class EmbeddingOrigins(IOptions<BridgeOptions> options)
{
    /// <summary>Refuses hub requests of pages that were not invited.</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (context.Request.Path.StartsWithSegments("/signal", StringComparison.Ordinal) && origin.Length > 0 && !IsInvited(origin, context.Request.Host.Value))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsync($"Pages of {origin} are not invited; the operator can add them with --origin.");
        }

        return next(context);
    }

    // Behind a proxy that ends TLS the scheme we see is not the page's; the authority is.
    private bool IsInvited(string origin, string? host) =>
        options.Value.Origins.Contains(origin)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, host, StringComparison.OrdinalIgnoreCase));
}
