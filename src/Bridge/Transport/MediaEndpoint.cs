using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bridge.Hosting;
using Bridge.Lab;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Stun;
using Microsoft.Extensions.Options;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// One port number for every call, UDP and (for networks that block it) TCP. A socket is bound to each address of the machine, so that an answer leaves by the
/// address it was asked at; datagrams find their peer by STUN username fragment first, by remote address after that.
/// </summary>
internal sealed class MediaEndpoint : IDisposable
{
    private const int LargestDatagram = 2048;
    private const int LongestUfrag = 64;
    private const int SocketBuffer = 4 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, HostedPeer> _byUfrag = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostedPeer>.AlternateLookup<ReadOnlySpan<char>> _byUfragText;
    private readonly ConcurrentDictionary<Route, HostedPeer> _byRoute = new();
    private readonly ConcurrentDictionary<Route, SocketAddress> _addresses = new();
    private readonly UdpSocket[] _sockets;
    private readonly TcpListeners _tcp;
    private readonly ILogger<MediaEndpoint> _logger;
    private readonly DtlsIdentity _identity;
    private readonly RtcPeerOptions _options;
    private readonly IEntropy _entropy = new SystemEntropy();
    private readonly StrangerCounts _strangers = new();
    private readonly Lock _counting = new();
    private Rejections _rejectedByFormer;
    private long _sendFailures;
    private volatile bool _stopped;

    public MediaEndpoint(IOptions<BridgeOptions> options, ILogger<MediaEndpoint> logger)
    {
        _logger = logger;
        _byUfragText = _byUfrag.GetAlternateLookup<ReadOnlySpan<char>>();
        _identity = OpenSslIdentity.Create();
        var local = LocalAddresses.Find(options.Value.Loopback);
        _sockets = Bind(local, options.Value.UdpPort, options.Value.IceTcp, out var listeners);
        Port = _sockets[0].EndPoint.Port;
        _tcp = new TcpListeners(this, listeners);
        Candidates = LocalAddresses.Candidates(
            [.. _sockets.Select(s => s.EndPoint.Address)],
            [.. options.Value.PublicAddresses.Select(IPAddress.Parse)],
            Port,
            options.Value.IceTcp);
        _options = new RtcPeerOptions
        {
            Identity = _identity,
            LocalCandidates = Candidates,
            WallClockAtZero = DateTimeOffset.UtcNow - MonotonicClock.Elapsed,
        };
        foreach (var socket in _sockets)
        {
            socket.Thread = new Thread(() => ReceiveLoop(socket)) { IsBackground = true, Name = $"udp {socket.EndPoint}" };
            socket.Thread.Start();
        }
    }

    /// <summary>The port in use, also when 0 was asked for.</summary>
    public int Port { get; }

    /// <summary>The addresses of this machine that the port is bound on.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _sockets.Select(s => s.EndPoint)];

    /// <summary>What every answer carries.</summary>
    public IReadOnlyList<LocalCandidate> Candidates { get; }

    /// <summary>Wakes peers at their deadlines.</summary>
    public PeerTimers Timers { get; } = new();

    /// <summary>Peers that are alive.</summary>
    public int PeerCount => _byUfrag.Count;

    /// <summary>Datagrams that belong to no peer: scans, strays, noise.</summary>
    public StrangerCounts Unclaimed => _strangers;

    /// <summary>What all peers rejected since the start, those that are over included.</summary>
    public Rejections Rejected
    {
        get
        {
            // A peer leaves the living and joins the former under this lock, so that the sum never falls.
            lock (_counting)
            {
                return _byUfrag.Values.Distinct().Aggregate(_rejectedByFormer, (sum, peer) => sum + peer.Rejections);
            }
        }
    }

    /// <summary>Open ICE-TCP connections.</summary>
    public int TcpConnections => _tcp.Count;

    /// <summary>Datagrams the system would not send.</summary>
    public long SendFailures => Interlocked.Read(ref _sendFailures);

    /// <summary>Makes a peer that waits for an offer.</summary>
    public MediaPeer CreatePeer(IMediaPeerObserver observer)
    {
        return new MediaPeer(this, NewRtcPeer(), observer, _logger);
    }

    /// <summary>Makes a peer that returns what it is sent.</summary>
    public EchoPeer CreateEcho() => new(this, NewRtcPeer(), _logger);

    /// <summary>Lets a peer be found by a username fragment of its own.</summary>
    public void Register(string ufrag, HostedPeer peer) => _byUfrag[ufrag] = peer;

    /// <summary>
    /// Routes an address to a peer that proved to be reached there. An address that another living peer proved is not
    /// given away: whoever forges source addresses could take its calls.
    /// </summary>
    public bool Claim(Route route, HostedPeer peer)
    {
        while (true)
        {
            var owner = _byRoute.GetOrAdd(route, peer);
            if (owner == peer || (!owner.IsAlive && _byRoute.TryUpdate(route, peer, owner)))
            {
                if (route.Remote.Protocol == TransportProtocol.Tcp)
                {
                    _tcp.Claimed(route);
                }

                return true;
            }

            if (owner.IsAlive)
            {
                return false;
            }
        }
    }

    /// <summary>Takes an address from a peer.</summary>
    public void Unclaim(Route route, HostedPeer peer)
    {
        if (_byRoute.TryRemove(new KeyValuePair<Route, HostedPeer>(route, peer)))
        {
            _addresses.TryRemove(route, out _);
            if (route.Remote.Protocol == TransportProtocol.Tcp)
            {
                _tcp.Close(route);
            }
        }
    }

    /// <summary>Forgets a peer and every address it was seen at.</summary>
    public void Remove(HostedPeer peer, IReadOnlyList<Route> routes)
    {
        lock (_counting)
        {
            _rejectedByFormer += peer.Rejections;
            foreach (var ufrag in peer.LocalUfrags)
            {
                _byUfrag.TryRemove(new KeyValuePair<string, HostedPeer>(ufrag, peer));
            }
        }

        foreach (var route in routes)
        {
            Unclaim(route, peer);
        }
    }

    /// <summary>Sends one datagram by the socket its route names.</summary>
    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        if (_stopped)
        {
            return;
        }

        if (to.Remote.Protocol == TransportProtocol.Tcp)
        {
            if (!_tcp.TrySend(datagram, to))
            {
                Interlocked.Increment(ref _sendFailures);
            }

            return;
        }

        if (!_addresses.TryGetValue(to, out var address))
        {
            address = new IPEndPoint(to.Remote.ToIPAddress(), to.Remote.Port).Serialize();
            if (_byRoute.ContainsKey(to))
            {
                _addresses.TryAdd(to, address);
            }
        }

        try
        {
            _sockets[to.Local].Socket.SendTo(datagram, SocketFlags.None, address);
        }
        catch (SocketException)
        {
            // An unreachable or forged address; the peer's own timers decide what that means.
            Interlocked.Increment(ref _sendFailures);
        }
        catch (ObjectDisposedException) when (_stopped)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped = true;
        foreach (var peer in _byUfrag.Values)
        {
            peer.Close();
        }

        Timers.Dispose();
        _tcp.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Socket.Dispose();
        }

        foreach (var socket in _sockets)
        {
            socket.Thread?.Join();
        }

        _identity.Dispose();
    }

    private RtcPeer NewRtcPeer() => new(MonotonicClock.Now, _entropy, _options);

    private static UdpSocket[] Bind(IReadOnlyList<IPAddress> addresses, int port, bool withTcp, out List<Socket> listeners)
    {
        const int attempts = 20;
        for (var attempt = 1; ; attempt++)
        {
            var sockets = new List<UdpSocket>();
            listeners = [];
            try
            {
                var shared = port;
                foreach (var address in addresses)
                {
                    var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
                    {
                        ReceiveBufferSize = SocketBuffer,
                        SendBufferSize = SocketBuffer,
                    };
                    socket.Bind(new IPEndPoint(address, shared));
                    var bound = (IPEndPoint)socket.LocalEndPoint!;
                    shared = bound.Port;
                    sockets.Add(new UdpSocket(sockets.Count, socket, bound));
                    if (withTcp)
                    {
                        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                        listeners.Add(listener);
                        listener.Bind(bound);
                        listener.Listen();
                    }
                }

                return [.. sockets];
            }
            catch (SocketException) when (port == 0 && attempt < attempts)
            {
                // The port that was free on the first address is taken on another one.
                sockets.ForEach(s => s.Socket.Dispose());
                listeners.ForEach(l => l.Dispose());
            }
            catch (SocketException failure)
            {
                sockets.ForEach(s => s.Socket.Dispose());
                listeners.ForEach(l => l.Dispose());
                throw new HostStartException(
                    $"Media port {port} (UDP and TCP) can't be used ({failure.SocketErrorCode}). Another Bridge may be running; choose one with --udp-port.");
            }
        }
    }

    private void ReceiveLoop(UdpSocket socket)
    {
        var buffer = GC.AllocateArray<byte>(LargestDatagram, pinned: true);
        var sender = new SocketAddress(socket.EndPoint.AddressFamily);
        while (!_stopped)
        {
            int length;
            try
            {
                length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, sender);
            }
            catch (SocketException failure)
            {
                if (_stopped)
                {
                    return;
                }

                // ICMP errors of earlier sends and oversized datagrams surface here; the socket itself is fine.
                Log.DatagramRefused(_logger, failure.SocketErrorCode);
                continue;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            Dispatch(buffer.AsSpan(0, length), new Route(TransportAddress.From(sender), socket.Index));
        }
    }

    /// <summary>Carries a datagram to its peer.</summary>
    public void Dispatch(Span<byte> datagram, Route from)
    {
        HostedPeer? peer;
        if (StunDemux.TryReadUfrag(datagram, out var bytes))
        {
            Span<char> ufrag = stackalloc char[LongestUfrag];
            peer = bytes.Length <= LongestUfrag && Encoding.Latin1.TryGetChars(bytes, ufrag, out var length)
                && _byUfragText.TryGetValue(ufrag[..length], out var found) ? found : null;
        }
        else
        {
            _byRoute.TryGetValue(from, out peer);
        }

        if (peer is null)
        {
            _strangers.Add(datagram);
            return;
        }

        peer.Receive(datagram, from);
    }

    private sealed class UdpSocket(int index, Socket socket, IPEndPoint endPoint)
    {
        public int Index => index;

        public Socket Socket => socket;

        public IPEndPoint EndPoint => endPoint;

        public Thread? Thread { get; set; }
    }
}
