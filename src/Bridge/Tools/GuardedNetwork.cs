using System.Net;
using System.Net.Sockets;

namespace Bridge.Tools;

/// <summary>The network as <see cref="GuardedHttp"/> uses it: the addresses of a name, and a connection to one of them.</summary>
internal sealed record GuardedNetwork(
    Func<string, CancellationToken, Task<IPAddress[]>> Resolve,
    Func<IPEndPoint, CancellationToken, ValueTask<Stream>> Connect)
{
    /// <summary>The system's resolver and TCP.</summary>
    public static GuardedNetwork System { get; } = new(Dns.GetHostAddressesAsync, ConnectAsync);

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint target, CancellationToken cancellation)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
