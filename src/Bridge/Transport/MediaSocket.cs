using System.Net;
using System.Net.Sockets;
using Bridge.Configuration;

namespace Bridge.Transport;

/// <summary>The media port on one address of this machine: a UDP socket, and beside it the listener of TCP when asked for.</summary>
/// <param name="index">Its number in routes.</param>
/// <param name="socket">Bound.</param>
/// <param name="listener">Listens on the same address and port.</param>
internal sealed class MediaSocket(int index, Socket socket, Socket? listener) : IDisposable
{
    private const int SocketBuffer = 4 * 1024 * 1024;

    /// <summary>The number by which routes name it.</summary>
    public int Index => index;

    /// <summary>The UDP socket.</summary>
    public Socket Udp => socket;

    /// <summary>Takes ICE-TCP connections.</summary>
    public Socket? Listener => listener;

    /// <summary>Where both are bound.</summary>
    public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

    /// <summary>The reader of the socket.</summary>
    public Thread? Thread { get; set; }

    /// <summary>True once it takes and sends nothing any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Binds one port on each address, for TCP too when asked.</summary>
    /// <param name="addresses">Addresses of this machine.</param>
    /// <param name="port">0 picks one that is free on all of them.</param>
    /// <param name="withTcp">Listen for TCP on the same port.</param>
    /// <param name="firstIndex">The number of the first socket in routes.</param>
    /// <exception cref="HostStartException">The port is taken, or an address is not this machine's.</exception>
    public static MediaSocket[] Bind(IReadOnlyList<IPAddress> addresses, int port, bool withTcp, int firstIndex)
    {
        const int attempts = 20;
        for (var attempt = 1; ; attempt++)
        {
            var sockets = new List<MediaSocket>();
            try
            {
                var shared = port;
                foreach (var address in addresses)
                {
                    var bound = Bind(address, shared, withTcp, firstIndex + sockets.Count);
                    sockets.Add(bound);
                    shared = bound.EndPoint.Port;
                }

                return [.. sockets];
            }
            catch (SocketException failure)
            {
                sockets.ForEach(s => s.Dispose());

                // Where any port will do, the one that was free on the first address may be taken on another.
                if (port != 0 || attempt == attempts)
                {
                    throw new HostStartException(
                        $"Media port {port} (UDP and TCP) can't be used ({failure.SocketErrorCode}). Another Bridge may be running; choose "
                            + $"one with --udp-port.");
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsClosed = true;
        socket.Dispose();
        listener?.Dispose();
    }

    private static MediaSocket Bind(IPAddress address, int port, bool withTcp, int index)
    {
        var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        Socket? tcp = null;
        try
        {
            udp.ReceiveBufferSize = SocketBuffer;
            udp.SendBufferSize = SocketBuffer;
            udp.Bind(new IPEndPoint(address, port));
            if (withTcp)
            {
                tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                tcp.Bind(udp.LocalEndPoint!);
                tcp.Listen();
            }

            return new MediaSocket(index, udp, tcp);
        }
        catch (SocketException)
        {
            udp.Dispose();
            tcp?.Dispose();
            throw;
        }
    }
}
