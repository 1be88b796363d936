using System.Net;

namespace Bridge.Hosting;

/// <summary>Tells the developer at this machine from everybody else.</summary>
internal static class LocalRequest
{
    /// <summary>
    /// True for a request from this machine to this machine. A reverse proxy on the same machine forwards others'
    /// requests, and a hostile page can rebind a name to 127.0.0.1: neither counts.
    /// </summary>
    public static bool IsLocal(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded")
        && (context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]");
}
