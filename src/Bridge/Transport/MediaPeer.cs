using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// A <see cref="RtcPeer"/> on the host's sockets. One gate per peer makes whoever enters (socket thread, timer,
/// packet clock, call) the peer's one owner for the few microseconds it takes; peers never wait for each other.
/// </summary>
internal sealed class MediaPeer : IMediaPeer, IRtcSink
{
    private const string BridgeChannel = "bridge";
    private const int MostRoutes = 16;

    private readonly Lock _gate = new();
    private readonly MediaEndpoint _endpoint;
    private readonly IMediaPeerObserver _observer;
    private readonly RtcPeer _peer;
    private readonly ILogger _logger;
    private readonly List<Route> _routes = [];
    private readonly List<string> _ufrags = [];
    private Instant _scheduled = Instant.Distant;
    private int _channel = -1;
    private long _bytesReceived;
    private long _bytesSent;
    private bool _closed;

    public MediaPeer(MediaEndpoint endpoint, RtcPeer peer, IMediaPeerObserver observer, ILogger logger)
    {
        _endpoint = endpoint;
        _peer = peer;
        _observer = observer;
        _logger = logger;
        RegisterUfrag();
    }

    /// <summary>True while the browser is heard: an address that routes here is not given to another peer.</summary>
    public bool IsAlive => _peer.State is RtcPeerState.Connecting or RtcPeerState.Connected;

    /// <summary>What the endpoint finds this peer by; each ICE restart adds one.</summary>
    public IReadOnlyList<string> LocalUfrags => _ufrags;

    /// <inheritdoc/>
    public int MaxMessageSize => _peer.MaxMessageSize;

    /// <inheritdoc/>
    public long BufferedAmount
    {
        get
        {
            lock (_gate)
            {
                return _closed || _channel < 0 ? 0 : _peer.BufferedAmount((ushort)_channel);
            }
        }
    }

    /// <inheritdoc/>
    public MediaPeerStats Stats
    {
        get
        {
            lock (_gate)
            {
                var stats = _peer.Stats;
                return new MediaPeerStats(
                    stats.AudioPacketsReceived,
                    stats.AudioPacketsSent,
                    _bytesReceived,
                    _bytesSent,
                    stats.NoiseDropped + stats.StunRejected + stats.StrangersDropped + stats.SrtpUnauthentic + stats.SrtpReplayed + stats.RtpMalformed,
                    stats.AudioPacketsLost,
                    stats.RoundTripTime?.TotalMilliseconds,
                    stats.RemoteLoss,
                    stats.ConnectTime?.TotalMilliseconds);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        lock (_gate)
        {
            if (_closed)
            {
                answer = null;
                refusal = "The connection is closed.";
                return false;
            }

            var now = MonotonicClock.Now;
            var answered = _peer.TryAnswer(now, offer, out answer, out refusal);
            RegisterUfrag();
            Drain(now);
            return answered;
        }
    }

    /// <inheritdoc/>
    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        lock (_gate)
        {
            return _peer.TryAddRemoteCandidate(candidate, out refusal);
        }
    }

    /// <inheritdoc/>
    public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            var now = MonotonicClock.Now;
            var sent = _peer.TrySendAudio(now, packet, rtpTimestamp, marker);
            Drain(now);
            return sent;
        }
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> utf8)
    {
        lock (_gate)
        {
            if (_closed || _channel < 0)
            {
                return false;
            }

            var now = MonotonicClock.Now;
            var result = _peer.Send(now, (ushort)_channel, utf8, binary: false);
            Drain(now);
            return result == DataSendResult.Queued;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var now = MonotonicClock.Now;
            _peer.Close(now);
            Drain(now);
            _closed = true;
            _peer.Dispose();
        }

        _endpoint.Remove(this, _routes);
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <summary>One datagram from the socket thread.</summary>
    public void Receive(Span<byte> datagram, Route from)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _bytesReceived += datagram.Length;
            var now = MonotonicClock.Now;
            try
            {
                if (_peer.Receive(now, datagram, from) && !_routes.Contains(from))
                {
                    // Oldest first out: a peer that roams keeps its latest addresses, a hostile one can't collect them.
                    if (_routes.Count == MostRoutes)
                    {
                        _endpoint.Unclaim(_routes[0], this);
                        _routes.RemoveAt(0);
                    }

                    if (_endpoint.Claim(from, this))
                    {
                        _routes.Add(from);
                    }
                }

                Drain(now);
            }
            catch (Exception defect)
            {
                Fail(defect);
            }
        }
    }

    /// <summary>The deadline asked for has come.</summary>
    public void TimerFired()
    {
        lock (_gate)
        {
            _scheduled = Instant.Distant;
            if (_closed)
            {
                return;
            }

            try
            {
                Drain(MonotonicClock.Now);
            }
            catch (Exception defect)
            {
                Fail(defect);
            }
        }
    }

    void IRtcSink.Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        _bytesSent += datagram.Length;
        _endpoint.Transmit(datagram, to);
    }

    void IRtcSink.StateChanged(RtcPeerState state) => _observer.PeerStateChanged(this, state switch
    {
        RtcPeerState.New => MediaPeerState.New,
        RtcPeerState.Connecting => MediaPeerState.Connecting,
        RtcPeerState.Connected => MediaPeerState.Connected,
        RtcPeerState.Disconnected => MediaPeerState.Disconnected,
        RtcPeerState.Failed => MediaPeerState.Failed,
        _ => MediaPeerState.Closed,
    });

    void IRtcSink.AudioNegotiated(in AudioFormat format) => _observer.AudioNegotiated(this, format.Name);

    void IRtcSink.AudioReceived(in RtpPacket packet) =>
        _observer.AudioReceived(this, packet.Sequence, packet.Timestamp, packet.Payload);

    void IRtcSink.DtmfReceived(in DtmfEvent digit) => _observer.DtmfReceived(this, digit.Digit);

    void IRtcSink.ChannelOpened(ushort stream, string label)
    {
        // The page opens one channel; any other label is served by nobody and only costs its own buffer.
        if (_channel < 0 && label == BridgeChannel)
        {
            _channel = stream;
            _observer.PortOpened(this);
        }
    }

    void IRtcSink.ChannelClosed(ushort stream)
    {
        if (stream == _channel)
        {
            _channel = -1;
            _observer.PortClosed(this);
        }
    }

    void IRtcSink.MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        if (stream == _channel)
        {
            _observer.MessageReceived(this, message, binary);
        }
    }

    void IRtcSink.BufferedAmountLow(ushort stream)
    {
        if (stream == _channel)
        {
            _observer.PortWritable(this);
        }
    }

    private void RegisterUfrag()
    {
        var ufrag = _peer.LocalUfrag;
        if (!_ufrags.Contains(ufrag))
        {
            _ufrags.Add(ufrag);
            _endpoint.Register(ufrag, this);
        }
    }

    private void Drain(Instant now)
    {
        var deadline = _peer.Advance(now, this);
        if (deadline.At < _scheduled)
        {
            _scheduled = deadline.At;
            _endpoint.Timers.Schedule(this, deadline.At);
        }
    }

    /// <summary>A broken invariant in one peer costs that peer alone.</summary>
    private void Fail(Exception defect)
    {
        Log.PeerFailed(_logger, defect);
        _closed = true;
        _peer.Dispose();
        _observer.PeerStateChanged(this, MediaPeerState.Failed);
        _endpoint.Remove(this, _routes);
    }
}
