using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Bridge.Rtc;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// ICE over TCP on the same port number as UDP, for networks that block UDP. A connection on which nobody proves to be
/// a call's browser is closed after a few seconds.
/// </summary>
internal sealed class TcpListeners : IDisposable
{
    private const int MostConnections = 1_024;
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

            if (_connections.Count >= MostConnections || socket.RemoteEndPoint is not IPEndPoint remote)
            {
                socket.Dispose();
                continue;
            }

            _ = ServeAsync(new TcpConnection(_endpoint, socket, new Route(TransportAddress.From(remote, TransportProtocol.Tcp), local)));
        }
    }

    private async Task ServeAsync(TcpConnection connection)
    {
        _connections[connection.Route.Remote] = connection;
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
