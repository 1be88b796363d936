using System.Net;
using Bridge.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bridge.Hosting;

/// <summary>Binds the HTTP server to what <c>--host</c> and <c>--port</c> name.</summary>
internal static class HttpBinding
{
    /// <exception cref="HostStartException"><c>--host</c> is neither an address nor a name that can be bound.</exception>
    public static void Listen(KestrelServerOptions kestrel, BridgeOptions options)
    {
        if (options.Host == "*")
        {
            kestrel.ListenAnyIP(options.Port);
        }
        else if (options.Host == "localhost" && options.Port != 0)
        {
            kestrel.ListenLocalhost(options.Port);
        }
        else if (options.Host == "localhost")
        {
            // ListenLocalhost can't pick one free port for both families.
            kestrel.Listen(IPAddress.Loopback, 0);
        }
        else if (IPAddress.TryParse(options.Host, out var address))
        {
            kestrel.Listen(address, options.Port);
        }
        else
        {
            throw new HostStartException($"--host: '{options.Host}' is neither an IP address, 'localhost' nor '*'.");
        }
    }
}
