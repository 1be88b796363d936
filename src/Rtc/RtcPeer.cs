using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Stun;

namespace Bridge.Rtc;

/// <summary>One WebRTC connection without a socket, a clock or a thread: audio both ways and data channels. One owner at a time calls it.</summary>
public sealed partial class RtcPeer : IDisposable
{
    private readonly IEntropy _entropy;
    private readonly RtcPeerOptions _options;
    private readonly Instant _start;
    private readonly OutputQueue _output;
    private readonly IceAgent _ice;
    private readonly AudioSession _audio;
    private RemoteDescription? _remote;
    private Instant _connectBy;
    private Instant _offeredAt;
    private Instant? _askedAt;
    private int _routeVersion;
    private bool _closing;
    private bool _disposed;

    /// <summary>Makes a peer that has seen nothing yet.</summary>
    /// <param name="start">The present; every later call passes a time not before it.</param>
    /// <param name="entropy">For keys, passwords and numbers.</param>
    /// <param name="options">May be shared by peers.</param>
    public RtcPeer(Instant start, IEntropy entropy, RtcPeerOptions options)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        ArgumentNullException.ThrowIfNull(options);
        _start = start;
        _entropy = entropy;
        _options = options;
        LocalCandidates = options.LocalCandidates;
        _output = new OutputQueue(Stats);
        _ice = new IceAgent(entropy, options, _output, Stats);
        _audio = new AudioSession(start, entropy, options, _output, Stats);
        _sessionId = (((ulong)entropy.NextCosmetic() << 32) | entropy.NextCosmetic()) >> 1;
        _connectBy = Instant.Distant;
    }

    /// <summary>The ICE username fragment the remote side addresses this peer by. An ICE restart changes it: read it again after <see cref="TryAnswer"/>, and let the shared port know the latest two.</summary>
    public string LocalUfrag => _ice.LocalUfrag;

    /// <summary>What descriptions say from now on of where this peer can be reached; those of the options at first. A host whose network changed sets it before it answers.</summary>
    public IReadOnlyList<LocalCandidate> LocalCandidates { get; set; }

    /// <summary>The state last entered.</summary>
    public RtcPeerState State { get; private set; }

    /// <summary>Counters.</summary>
    public RtcStats Stats { get; } = new();

    /// <summary>Where datagrams go now; null before the first authentic check and after consent is lost.</summary>
    public Route? SelectedRoute => _ice.Selected;

    /// <summary>The longest data-channel message the remote side takes, in bytes; 0 before data channels are negotiated.</summary>
    public int MaxMessageSize => _remote?.Data?.MaxMessageSize ?? 0;

    /// <summary>Why the peer failed, in one sentence; null while it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Counters of the data channels' association; null before there is one.</summary>
    public SctpStats? DataStats => _data?.Association.Stats;

    /// <summary>Takes one datagram; never throws on wire bytes. Results come out of <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="datagram">Decrypted in place; the peer keeps no reference.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>True when the datagram proved to come from the remote side: a shared port may route this address here from now on.</returns>
    public bool Receive(Instant now, Span<byte> datagram, Route from)
    {
        Stats.DatagramsReceived++;
        if (_closing || datagram.IsEmpty || State is RtcPeerState.Closed or RtcPeerState.Failed)
        {
            // A failed peer is silent, so that the remote side finds out too and restarts ICE.
            _output.Drops.Add(DropReason.NotListening, datagram.Length);
            return false;
        }

        // RFC 7983 §7 tells the protocols apart by the first byte.
        if (StunMessage.LooksLike(datagram))
        {
            bool authentic = _ice.Receive(now, datagram, from);
            AfterCheck(now);
            return authentic;
        }

        if (!_ice.IsProven(from))
        {
            _output.Drops.Add(DropReason.UnprovenAddress, datagram.Length);
            return false;
        }

        switch (datagram[0])
        {
            case >= 20 and <= 63:
                ReceiveDtls(now, datagram, from);
                return false;
            case >= 128 and <= 191 when datagram.Length >= RtpHeader.FixedSize:
                // RFC 5761 §4: packet types 192 to 223 are RTCP.
                bool heard = datagram[1] is >= 192 and <= 223
                    ? _audio.ReceiveRtcp(now, datagram, _ice.Selected ?? from)
                    : _audio.ReceiveRtp(now, datagram);
                if (heard)
                {
                    HeardMedia(now, from);
                }

                return heard;
            default:
                _output.Drops.Add(DropReason.UnknownProtocol, datagram.Length);
                return false;
        }
    }

    /// <summary>Runs what is due and gives out everything that waits.</summary>
    /// <returns>When to call again, unless something is received or sent before.</returns>
    public Deadline Advance(Instant now, IRtcSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (_disposed)
        {
            return Deadline.Never;
        }

        if (State == RtcPeerState.Closed)
        {
            _data?.Advance(now, sink);
            _output.Drain(sink);
            return Deadline.Never;
        }

        if (_closing)
        {
            SayGoodbye(now, sink);
            _output.Drain(sink);
            return Deadline.Never;
        }

        Deadline next = _ice.Advance(now);
        AfterCheck(now);
        next = Deadline.Earliest(next, JudgeSilence(now));
        if (_dtls is not null)
        {
            PumpDtls(now);
        }

        // While the path is gone, the association's timers stand still: it shall live through any outage that ICE can end.
        if (_data is not null && (State != RtcPeerState.Failed || _dtlsFailed))
        {
            // What came before the data's events is told before them.
            _output.Drain(sink);
            next = Deadline.Earliest(next, _data.Advance(now, sink));
            PumpDtls(now);
        }

        if (_dtls is not null)
        {
            next = Deadline.Earliest(next, _dtls.NextDeadline(now));
        }

        next = Deadline.Earliest(next, _audio.Advance(now, _dtlsUp ? _ice.Selected : null));
        _output.Drain(sink);
        return State == RtcPeerState.Closed ? Deadline.Never : next;
    }

    /// <summary>Protects one audio packet and queues it for <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="payload">One codec packet.</param>
    /// <param name="rtpTimestamp">Clock of the negotiated format.</param>
    /// <param name="marker">First packet after silence.</param>
    /// <param name="level">Audio level in -dBov, 0..127, sent when negotiated (RFC 6464); null leaves it out.</param>
    /// <returns>False when the peer is not connected, audio was not agreed on, or the payload is empty or too long.</returns>
    public bool TrySendAudio(Instant now, ReadOnlySpan<byte> payload, uint rtpTimestamp, bool marker, byte? level = null) =>
        State is RtcPeerState.Connected or RtcPeerState.Disconnected && !_closing && _ice.Selected is { } route
        && _audio.TrySend(now, route, payload, new RtpTimestamp(rtpTimestamp), marker, level);

    /// <summary>Opens a data channel; <see cref="IRtcSink.ChannelOpened"/> tells when it is usable.</summary>
    /// <returns>Its stream, or null when the association is not there (yet) or has no stream left.</returns>
    public ushort? OpenDataChannel(Instant now, DataChannelOptions options) =>
        _data is not null && !_closing && _data.Association.TryOpenChannel(now, options, out ushort stream) ? stream : null;

    /// <summary>Queues a message on a data channel.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary) =>
        _data is null || _closing || State is RtcPeerState.Closed or RtcPeerState.Failed
            ? DataSendResult.Closed
            : _data.Association.Send(now, stream, message, binary);

    /// <summary>Closes a data channel in both directions (RFC 8831 §6.7).</summary>
    public void CloseDataChannel(Instant now, ushort stream) => _data?.Association.CloseChannel(now, stream);

    /// <summary>Bytes of a channel that wait to be sent for the first time.</summary>
    public long BufferedAmount(ushort stream) => _data?.Association.BufferedAmount(stream) ?? 0;

    /// <summary>Sets at which <see cref="BufferedAmount"/> <see cref="IRtcSink.BufferedAmountLow"/> is raised; 0 at first.</summary>
    public void SetBufferedAmountLowThreshold(ushort stream, long bytes) => _data?.Association.SetBufferedAmountLowThreshold(stream, bytes);

    /// <summary>Says goodbye (RTCP BYE, SCTP abort, DTLS close_notify); call <see cref="Advance"/> once more to send it.</summary>
    public void Close(Instant now)
    {
        if (State != RtcPeerState.Closed)
        {
            _closing = true;
        }
    }

    /// <summary>Releases native memory and buffers; sends nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        State = RtcPeerState.Closed;
        _output.Clear();
        _audio.Dispose();
        _dtls?.Dispose();
    }

    // A check may have proved the route that DTLS waits for, ended a silence, or moved the connection.
    private void AfterCheck(Instant now)
    {
        if (_ice.Selected is null)
        {
            return;
        }

        if (_dtls is null && _remote is not null && _dtlsRole == DtlsRole.Client && !_dtlsFailed)
        {
            StartDtls(now);
            PumpDtls(now);
        }

        if (_routeVersion != _ice.RouteVersion)
        {
            _routeVersion = _ice.RouteVersion;
            _data?.Association.PathChanged(now);
        }

        if (_dtlsUp && State is RtcPeerState.Connecting or RtcPeerState.Disconnected && _ice.LastHeard is { } heard && now - heard < _options.DisconnectedAfter)
        {
            Enter(now, RtcPeerState.Connected);
        }
    }

    private void HeardMedia(Instant now, Route? from)
    {
        // A client's consent comes from answers to its checks alone (RFC 7675 §5.1); a lite server sends no checks
        // and takes everything authentic for a sign of life.
        if (_options.Role == RtcRole.Server)
        {
            _ice.Heard(now);
            if (from is { } route)
            {
                _ice.Follow(route);
            }

            AfterCheck(now);
        }
    }

    // RFC 7675 §5.1, seen from the side that is checked.
    private Deadline JudgeSilence(Instant now)
    {
        switch (State)
        {
            case RtcPeerState.Connecting:
                if (now < _connectBy)
                {
                    return new Deadline(_connectBy, DeadlineReason.Connect);
                }

                Failure = "The connection could not be made in time.";
                Enter(now, RtcPeerState.Failed);
                return Deadline.Never;
            case RtcPeerState.Connected or RtcPeerState.Disconnected:
                Instant heard = _ice.LastHeard ?? now;
                if (now >= heard + _options.FailedAfter)
                {
                    Failure = "Nothing was heard of the remote side for too long.";
                    _ice.Forget();
                    Enter(now, RtcPeerState.Failed);
                    return Deadline.Never;
                }

                Instant silent = (heard + _options.DisconnectedAfter).Unhurried;
                if (now < silent)
                {
                    return Deadline.Earliest(new Deadline(silent, DeadlineReason.Consent), AskIntoSilence(now, heard));
                }

                Enter(now, RtcPeerState.Disconnected);
                return new Deadline(heard + _options.FailedAfter, DeadlineReason.Consent);
            default:
                return Deadline.Never;
        }
    }

    // Firefox checks an idle connection every 4 to 6 s. An SCTP heartbeat in between keeps quiet from being taken for silence;
    // who checks more often, as Chromium does, is never asked.
    private Deadline AskIntoSilence(Instant now, Instant heard)
    {
        if (_options.Role != RtcRole.Server || _data is null)
        {
            return Deadline.Never;
        }

        Instant due = heard + (0.65 * _options.DisconnectedAfter);
        if (_askedAt is { } asked && asked > heard)
        {
            due = asked + (0.2 * _options.DisconnectedAfter);
        }

        due = due.Unhurried;
        if (now >= due)
        {
            _data.Association.Probe();
            _askedAt = now;
            due = (now + (0.2 * _options.DisconnectedAfter)).Unhurried;
        }

        return new Deadline(due, DeadlineReason.SctpHeartbeat);
    }

    private void Enter(Instant now, RtcPeerState state)
    {
        if (State == state || State == RtcPeerState.Closed)
        {
            return;
        }

        State = state;
        if (state == RtcPeerState.Connected)
        {
            Failure = null;
            Stats.ConnectTime ??= now - _offeredAt;
        }

        _output.AddState(state);
    }

    private void SayGoodbye(Instant now, IRtcSink sink)
    {
        if (_dtlsUp && _ice.Selected is { } route)
        {
            _audio.SendBye(now, route);
            if (_data is not null)
            {
                _data.Association.Abort(now);
                _data.Advance(now, sink);
            }

            _dtls!.Close(now);
            PumpDtls(now);
        }

        Enter(now, RtcPeerState.Closed);
    }
}
