using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Bridge.Audio.Playout;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Signaling;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// A caller without a browser: our own peer as the client over a real UDP socket, a microphone that sends Opus every 20 ms,
/// and a page that asks in writing, once the answer before has been silent for a moment.
/// </summary>
internal sealed class BenchCaller : IRtcSink, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400); // after an answer
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(5); // without an answer
    private const byte Level = 70; // what the microphone hears: a quiet room, -dBov

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Lock _gate = new();
    private readonly RtcPeer _peer;
    private readonly Thread _listener;
    private readonly byte[][] _speech;
    private readonly Random _random;
    private readonly PacketClockTicket _ticket;
    private ushort? _stream;
    private int _sent;
    private int _requests;
    private bool _open;
    private TimeSpan _lastHeard;
    private TimeSpan _askAt = TimeSpan.MaxValue;
    private volatile bool _stopped;

    internal BenchCaller(DtlsIdentity identity, PacketClock clock, byte[][] speech, int seed)
    {
        _speech = speech;
        _random = new Random(seed);
        _socket.ReceiveBufferSize = 1 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _peer = new RtcPeer(
            Now,
            SystemEntropy.Instance,
            new RtcPeerOptions { Identity = identity, Role = RtcRole.Client, LocalCandidates = [new LocalCandidate(local, 0)] });
        _listener = new Thread(Listen) { IsBackground = true, Name = "bench caller" };
        _ticket = clock.Add(_ => Tick());
    }

    internal int Questions { get; private set; }

    private static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks);

    internal async Task ConnectAsync(ICallGateway gateway, string role, string connection)
    {
        JoinReply joined = await gateway.JoinAsync(new HubCaller(connection), new JoinRequest(role), default);
        string offer;
        lock (_gate)
        {
            offer = _peer.CreateOffer(Now);
        }

        OfferReply answered = await gateway.OfferAsync(connection, new OfferRequest(joined.CallId, offer), default);
        lock (_gate)
        {
            if (!_peer.TryAcceptAnswer(Now, answered.Sdp, out string? refusal))
            {
                throw new InvalidOperationException(refusal);
            }

            Drain();
        }

        _listener.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _ticket.Dispose();
        lock (_gate)
        {
            _peer.Close(Now);
            Drain();
        }

        _socket.Dispose();
        if (_listener.ThreadState != System.Threading.ThreadState.Unstarted)
        {
            _listener.Join();
        }

        _peer.Dispose();
    }

    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, to.Remote.ToIPEndPoint());
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // A candidate of the host that a loopback socket can't reach, or the last word of a caller that has gone.
        }
    }

    public void AudioReceived(in RtpPacket packet)
    {
        _lastHeard = Stopwatch.GetElapsedTime(0);

        // At no fixed distance from the clock's phase: a pause of whole ticks would flatter it.
        _askAt = _lastHeard + Pause + TimeSpan.FromMilliseconds(20 * _random.NextDouble());
    }

    public void ChannelOpened(ushort stream, string label)
    {
        _open = true;
        _askAt = Stopwatch.GetElapsedTime(0) + Impatience;
    }

    public void StateChanged(RtcPeerState state)
    {
    }

    public void AudioNegotiated(in AudioFormat format)
    {
    }

    public void DtmfReceived(in DtmfEvent digit)
    {
    }

    public void ChannelClosed(ushort stream)
    {
    }

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
    }

    public void BufferedAmountLow(ushort stream)
    {
    }

    private bool Tick()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return false;
            }

            if (_peer.State == RtcPeerState.Connected)
            {
                _peer.TrySendAudio(Now, _speech[_sent % _speech.Length], (uint)(_sent * 960), _sent == 0, Level);
                _sent++;
            }

            if (_open && _requests == 0)
            {
                Request("page/hello", new { tools = Array.Empty<object>() });
            }
            else if (_open && Stopwatch.GetElapsedTime(0) > _askAt)
            {
                _askAt = Stopwatch.GetElapsedTime(0) + Impatience;
                Questions++;
                Request("page/text", new { text = "And now?" });
            }

            Drain();
            return true;
        }
    }

    private void Request(string method, object parameters) =>
        _peer.Send(
            Now,
            _stream!.Value,
            JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", id = ++_requests, method, @params = parameters }),
            binary: false);

    private void Drain()
    {
        _stream ??= _peer.OpenDataChannel(Now, new DataChannelOptions { Label = "bridge" });
        _ = _peer.Advance(Now, this);
    }

    private void Listen()
    {
        byte[] buffer = new byte[2048];
        SocketAddress from = new(AddressFamily.InterNetwork);
        while (!_stopped)
        {
            try
            {
                int length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                lock (_gate)
                {
                    _peer.Receive(Now, buffer.AsSpan(0, length), new Route(TransportAddress.From(from), 0));
                    Drain();
                }
            }
            catch (SocketException)
            {
                // Errors of earlier sends surface here; Dispose ends the loop.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
