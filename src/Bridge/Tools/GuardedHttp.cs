using System.Net;
using System.Net.Sockets;

namespace Bridge.Tools;

/// <summary>
/// HTTP clients for addresses that came from a role. The address is checked when the connection is made, on the very
/// address that is connected to: a name that resolves to something else a moment later (DNS rebinding) gains nothing.
/// No proxy, no cookies, no redirects: a redirect would be a way around the role's URL.
/// </summary>
internal static class GuardedHttp
{
    public static HttpClient Create(bool allowPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 32,
        AutomaticDecompression = DecompressionMethods.None, // a small body must not unpack into a large one
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, allowPrivate, cancellation),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each tool has its own
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowPrivate, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellation).ConfigureAwait(false);
        var allowed = addresses.Where(address => allowPrivate || AddressRule.IsPublic(address)).ToArray();
        if (allowed.Length == 0)
        {
            throw addresses.Length == 0
                ? new SocketException((int)SocketError.HostNotFound)
                : new PrivateAddressException(target.Host);
        }

        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, target.Port, cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                last = exception;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }
}
