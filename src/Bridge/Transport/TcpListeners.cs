using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Bridge.Rtc;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// ICE over TCP on the same port number as UDP, for networks that block UDP. A connection on which nobody proves to be
/// a call's browser is closed after a few seconds, and one address has only few of those.
/// </summary>
internal sealed class TcpListeners : IDisposable
{
    private const int MostConnections = 1_024;
    private const int MostUnclaimed = 16; // from one address
    private static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<TransportAddress, TcpConnection> _connections = new();
    private readonly MediaEndpoint _endpoint;

    public TcpListeners(MediaEndpoint endpoint) => _endpoint = endpoint;

    /// <summary>Takes connections on one more address until its listener is closed by its owner.</summary>
    /// <param name="listener">Listening.</param>
    /// <param name="local">The number of its address in routes.</param>
    public void Add(Socket listener, int local) => _ = AcceptAsync(listener, local);

    /// <summary>Connections that are open.</summary>
    public int Count => _connections.Count;

    /// <summary>Sends one datagram on the connection its route names; false when there is none, or its buffer is full.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagram, Route to) =>
        _connections.TryGetValue(to.Remote, out var connection) && connection.TrySend(datagram);

    /// <summary>A peer proved to be at the other end.</summary>
    public void Claimed(Route route)
    {
        if (_connections.TryGetValue(route.Remote, out var connection))
        {
            connection.IsClaimed = true;
        }
    }

    /// <summary>Nobody is at the other end any more.</summary>
    public void Close(Route route)
    {
        if (_connections.TryRemove(route.Remote, out var connection))
        {
            connection.Dispose();
        }
    }

    /// <summary>The key of one address: of IPv6 the first 64 bits, because the smallest site has all of the rest (RFC 6177).</summary>
    public static UInt128 Network(TransportAddress remote) =>
        remote.IsIPv4 ? remote.Address : remote.Address & ~(UInt128)ulong.MaxValue;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }
    }

    private async Task AcceptAsync(Socket listener, int local)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that was gone before it was accepted.
                continue;
            }

            if (socket.RemoteEndPoint is not IPEndPoint from || !HasRoomFor(TransportAddress.From(from)))
            {
                socket.Dispose();
                continue;
            }

            var connection = new TcpConnection(_endpoint, socket, new Route(TransportAddress.From(from, TransportProtocol.Tcp), local));
            _connections[connection.Route.Remote] = connection;
            _ = ServeAsync(connection);
        }
    }

    // A caller is unclaimed for a round trip, until the first check: many find room behind one NAT.
    private bool HasRoomFor(TransportAddress remote) =>
        _connections.Count < MostConnections
        && _connections.Count(c => !c.Value.IsClaimed && Network(c.Key) == Network(remote)) < MostUnclaimed;

    private async Task ServeAsync(TcpConnection connection)
    {
        // Where data always waits, the loop below never does; whoever else comes must be accepted all the same.
        await Task.Yield();
        using var proof = new Timer(
            _ =>
            {
                if (!connection.IsClaimed)
                {
                    connection.Dispose();
                }
            },
            null,
            ProofTime,
            Timeout.InfiniteTimeSpan);
        await connection.ReceiveAsync().ConfigureAwait(false);
        _connections.TryRemove(new KeyValuePair<TransportAddress, TcpConnection>(connection.Route.Remote, connection));
        connection.Dispose();
    }
}
