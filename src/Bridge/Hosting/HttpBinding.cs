using System.Net;
using Bridge.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bridge.Hosting;

/// <summary>Binds the HTTP server to what <c>--host</c> and <c>--port</c> name.</summary>
internal static class HttpBinding
{
    /// <param name="kestrel">The server.</param>
    /// <param name="options">Where it listens.</param>
    /// <param name="https">The certificate of <c>--https</c>; null for HTTP.</param>
    /// <exception cref="HostStartException"><c>--host</c> is neither an address nor a name that can be bound.</exception>
    public static void Listen(KestrelServerOptions kestrel, BridgeOptions options, LocalHttps? https)
    {
        if (options.Host == "*")
        {
            kestrel.ListenAnyIP(options.Port, Secure);
        }
        else if (options.Host == "localhost" && options.Port != 0)
        {
            kestrel.ListenLocalhost(options.Port, Secure);
        }
        else if (options.Host == "localhost")
        {
            // ListenLocalhost can't pick one free port for both families.
            kestrel.Listen(IPAddress.Loopback, 0, Secure);
        }
        else if (IPAddress.TryParse(options.Host, out var address))
        {
            kestrel.Listen(address, options.Port, Secure);
        }
        else
        {
            throw new HostStartException($"--host: '{options.Host}' is neither an IP address, 'localhost' nor '*'.");
        }

        void Secure(ListenOptions listen)
        {
            if (https is not null)
            {
                listen.UseHttps(https.Certificate);
            }
        }
    }
}
