using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>
/// Remembers whether any request of this process's life has come through a proxy that says so. Once one has, nobody is taken
/// for the person at this machine any more.
/// </summary>
internal sealed class ForwardingSeen(IOptions<BridgeOptions> options, ILogger<ForwardingSeen> logger)
{
    private static readonly string[] Headers =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"];

    private volatile bool _seen;

    /// <summary>True from the first such request on.</summary>
    public bool Any => _seen;

    /// <summary>Middleware: looks at the headers before anything may remove them.</summary>
    public Task Look(HttpContext context, RequestDelegate next)
    {
        if (!_seen && Headers.Any(context.Request.Headers.ContainsKey))
        {
            _seen = true;
            if (options.Value.Proxies.Count == 0)
            {
                Log.ProxyUnknown(logger);
            }
        }

        return next(context);
    }
}
