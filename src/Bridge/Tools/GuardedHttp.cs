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
    /// <summary>The connections of clients. The system resolves and connects, unless <paramref name="network"/> does (tests).</summary>
    public static SocketsHttpHandler CreateConnections(bool allowPrivate, GuardedNetwork? network = null) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 32,
        AutomaticDecompression = DecompressionMethods.None, // a small body must not unpack into a large one
        ConnectCallback = (context, cancellation) =>
            ConnectAsync(context.DnsEndPoint, allowPrivate, network ?? GuardedNetwork.System, cancellation),
    };

    /// <summary>
    /// A client over connections that it does not own: disposing it cancels its requests and leaves the connections to other clients.
    /// </summary>
    public static HttpClient CreateClient(SocketsHttpHandler connections) => new(connections, disposeHandler: false)
    {
        Timeout = Timeout.InfiniteTimeSpan, // each tool has its own
    };

    private static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, bool allowPrivate, GuardedNetwork network, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal)
            ? [literal]
            : await network.Resolve(target.Host, cancellation).ConfigureAwait(false);
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
            try
            {
                // To the address that was checked, never to the name again: its answer may be another one by now.
                return await network.Connect(new IPEndPoint(address, target.Port), cancellation).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                last = exception;
            }
        }

        throw last!;
    }
}
