using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Bridge.Configuration;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Stun;
using Bridge.Timing;
using Bridge.Trail;
using Microsoft.Extensions.Options;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// One port number for every call, UDP and (for networks that block it) TCP. A socket is bound to each address of the machine, so that an
/// answer leaves by the
/// address it was asked at; datagrams find their peer by STUN username fragment first, by remote address after that.
/// </summary>
internal sealed class MediaEndpoint : IDisposable
{
    private const int LargestDatagram = 2048;
    private const int LongestUfrag = 64;
    private const int MostFormerSockets = 8;

    // Datagrams in a row that were there already when the one before was done: from then on the pool does what they bring.
    private const int MaxBehind = 4;

    private readonly ConcurrentDictionary<string, HostedPeer> _byUfrag = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostedPeer>.AlternateLookup<ReadOnlySpan<char>> _byUfragText;
    private readonly ConcurrentDictionary<Route, HostedPeer> _byRoute = new();
    private readonly ConcurrentDictionary<Route, SocketAddress> _addresses = new();
    private readonly Lock _refreshing = new();
    private readonly IReadOnlyList<IPAddress> _configured;
    private readonly bool _withLoopback;
    private readonly bool _withTcp;
    private readonly List<MediaSocket> _former = [];
    private volatile MediaSocket[] _sockets;
    private volatile IReadOnlyList<LocalCandidate> _candidates = [];
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

    public MediaEndpoint(IOptions<BridgeOptions> options, HostClock clock, TrailLoggers trails, ILogger<MediaEndpoint> logger)
    {
        Clock = clock;
        Trails = trails;
        Timers = new PeerTimers(clock);
        _logger = logger;
        _byUfragText = _byUfrag.GetAlternateLookup<ReadOnlySpan<char>>();
        _identity = OpenSslIdentity.Create();
        _withLoopback = options.Value.Loopback;
        _withTcp = options.Value.IceTcp;
        _configured = [.. options.Value.PublicAddresses.Select(IPAddress.Parse)];
        var local = LocalAddresses.Find(_withLoopback);
        _sockets = MediaSocket.Bind(local, options.Value.UdpPort, _withTcp, 0);
        Port = _sockets[0].EndPoint.Port;
        _tcp = new TcpListeners(this);
        _options = new RtcPeerOptions
        {
            Identity = _identity,
            WallClockAtZero = clock.UtcNow - clock.Elapsed,
        };
        Announce(local);
        Array.ForEach(_sockets, Listen);
        NetworkChange.NetworkAddressChanged += NetworkChanged;
    }

    /// <summary>The port in use, also when 0 was asked for.</summary>
    public int Port { get; }

    /// <summary>The addresses of this machine that the port is bound on.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _sockets.Where(s => !s.IsClosed).Select(s => s.EndPoint)];

    /// <summary>The candidates of every answer: the addresses that this machine has now.</summary>
    public IReadOnlyList<LocalCandidate> Candidates => _candidates;

    /// <summary>The clock of the peers.</summary>
    public HostClock Clock { get; }

    /// <summary>Where the trails of peers are written.</summary>
    public TrailLoggers Trails { get; }

    /// <summary>Wakes peers at their deadlines.</summary>
    public PeerTimers Timers { get; }

    /// <summary>Peers that are alive.</summary>
    public int PeerCount => _byUfrag.Values.Distinct().Count();

    /// <summary>Datagrams that belong to no peer: scans, strays, noise.</summary>
    public StrangerCounts Unclaimed => _strangers;

    /// <summary>Rejections of all peers since the start, those that are over included.</summary>
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

    /// <summary>
    /// Follows the machine into another network: listens on addresses that are new, and announces those that are there now.
    /// An address that is gone is announced no more; its socket stays a while, for it often comes back.
    /// </summary>
    public void Refresh(IReadOnlyList<IPAddress> addresses)
    {
        lock (_refreshing)
        {
            if (_stopped)
            {
                return;
            }

            foreach (var address in addresses.Where(a => !_sockets.Any(s => !s.IsClosed && s.EndPoint.Address.Equals(a))).ToList())
            {
                try
                {
                    // A place of its own even where another socket was closed: routes of a living call may still name that one.
                    var added = MediaSocket.Bind([address], Port, _withTcp, _sockets.Length);
                    _sockets = [.. _sockets, .. added];
                    Array.ForEach(added, Listen);
                }
                catch (HostStartException)
                {
                    // The port is taken there, or the address went again: there is no listening on it.
                    Log.AddressUnusable(_logger, address);
                }
            }

            _former.RemoveAll(s => addresses.Contains(s.EndPoint.Address));
            _former.AddRange(_sockets.Where(s => !s.IsClosed && !addresses.Contains(s.EndPoint.Address)).Except(_former).ToList());

            // A machine may go through a new address every day (RFC 8981), and each socket has a thread.
            while (_former.Count > MostFormerSockets)
            {
                _former[0].Dispose();
                _former.RemoveAt(0);
            }

            Announce(addresses);
        }
    }

    /// <summary>Makes a peer that waits for an offer.</summary>
    public MediaPeer CreatePeer(IMediaPeerObserver observer, CallTrail trail) =>
        Create((endpoint, rtc) => new MediaPeer(endpoint, rtc, observer, trail));

    /// <summary>Makes a peer of another kind, which shares the port and is found like the peers of calls.</summary>
    /// <param name="make">Called once; gives the peer, built over the <see cref="RtcPeer"/> it is handed.</param>
    public TPeer Create<TPeer>(HostedPeerFactory<TPeer> make)
        where TPeer : HostedPeer => make(this, new RtcPeer(Clock.Now, _entropy, _options));

    /// <summary>Lets a peer be found by a username fragment of its own.</summary>
    public void Register(string ufrag, HostedPeer peer) => _byUfrag[ufrag] = peer;

    /// <summary>Takes a username fragment from a peer.</summary>
    public void Unregister(string ufrag, HostedPeer peer) => _byUfrag.TryRemove(new KeyValuePair<string, HostedPeer>(ufrag, peer));

    /// <summary>
    /// Routes an address to a peer that proved to be reached there. An address that another living peer proved is not
    /// given away: a sender with forged source addresses could take its calls.
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
                Unregister(ufrag, peer);
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
            _sockets[to.Local].Udp.SendTo(datagram, SocketFlags.None, address);
        }
        catch (SocketException)
        {
            // An unreachable or forged address; the peer's own timers decide what that means.
            Interlocked.Increment(ref _sendFailures);
        }
        catch (ObjectDisposedException)
        {
            // The host stops, or the address is long gone.
            Interlocked.Increment(ref _sendFailures);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= NetworkChanged;
        lock (_refreshing)
        {
            _stopped = true;
        }

        foreach (var peer in _byUfrag.Values)
        {
            peer.Close();
        }

        Timers.Dispose();
        _tcp.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        foreach (var socket in _sockets)
        {
            socket.Thread?.Join();
        }

        _identity.Dispose();
    }

    private void NetworkChanged(object? sender, EventArgs change)
    {
        try
        {
            Refresh(LocalAddresses.Find(_withLoopback));
        }
        catch (NetworkInformationException)
        {
            // The interfaces are changing this very moment; another event follows.
        }
        catch (Exception defect)
        {
            Clock.Guard.Failed("network change", defect);
        }
    }

    private void Announce(IReadOnlyList<IPAddress> addresses)
    {
        var sockets = _sockets.Where(s => !s.IsClosed && addresses.Contains(s.EndPoint.Address)).Select(s => (s.EndPoint.Address, s.Index));
        _candidates = LocalAddresses.Candidates([.. sockets], _configured, Port, _withTcp);
    }

    private void Listen(MediaSocket socket)
    {
        if (socket.Listener is { } listener)
        {
            _tcp.Add(listener, socket.Index);
        }

        socket.Thread = new Thread(() => ReceiveLoop(socket)) { IsBackground = true, Name = $"udp {socket.EndPoint}" };
        socket.Thread.Start();
    }

    private void ReceiveLoop(MediaSocket socket)
    {
        var buffer = GC.AllocateArray<byte>(LargestDatagram, pinned: true);
        var sender = new SocketAddress(socket.EndPoint.AddressFamily);
        var behind = 0;
        while (!_stopped)
        {
            int length;
            try
            {
                behind = socket.Udp.Available > 0 ? behind + 1 : 0;
                length = socket.Udp.ReceiveFrom(buffer, SocketFlags.None, sender);
            }
            catch (SocketException failure)
            {
                if (_stopped || socket.IsClosed)
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

            SocketThread.Begin(takes: behind < MaxBehind);
            Dispatch(buffer.AsSpan(0, length), new Route(TransportAddress.From(sender), socket.Index));
            SocketThread.End();
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
}
