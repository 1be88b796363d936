namespace Bridge.Rtc.Sctp;

/// <summary>
/// One SCTP association with its data channels (RFC 9260, RFC 8831, RFC 8832) over a DTLS connection (RFC 8261).
/// Sans-IO: packets come in by <see cref="Receive"/>, everything goes out by <see cref="Advance"/>. One owner, no locks.
/// Call <see cref="Advance"/> after every other call, and when the deadline it gave has come.
/// </summary>
public sealed partial class SctpAssociation
{
    private const int LargestPacket = 2048;

    private readonly IEntropy _entropy;
    private readonly SctpOptions _options;
    private readonly SctpStats _stats = new();
    private readonly SctpEvents _events;
    private readonly RoundTripEstimator _roundTrip;

    private Phase _phase;
    private uint _localTag;
    private uint _peerTag;
    private Tsn _localFirst;
    private InitChunk _peer;
    private DataSender _sender;
    private DataReceiver? _receiver;
    private StreamResets? _resets;

    /// <summary>Makes an association that answers an INIT; <see cref="Connect"/> sends one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option makes no sense.</exception>
    public SctpAssociation(Instant start, IEntropy entropy, SctpOptions options)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPacketSize, 512, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPacketSize, LargestPacket, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReceiveBufferSize, 4096, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxStreams, 2, nameof(options));
        _entropy = entropy;
        _options = options;
        _events = new SctpEvents(_stats);
        _roundTrip = new RoundTripEstimator(options);
        _localTag = NewTag();
        _localFirst = new Tsn(NewTag());
        _sender = NewSender();
        _heartbeatSpread = TimeSpan.FromTicks(entropy.NextCosmetic() % Math.Max(1, options.HeartbeatInterval.Ticks / 4));
        _heartbeatAt = NextHeartbeat(start);
    }

    private enum Phase : byte
    {
        Closed,
        CookieWait,
        CookieEchoed,
        Established,
        ShutdownPending,
        ShutdownSent,
        ShutdownReceived,
        ShutdownAckSent,
        Ended,
    }

    /// <summary>Where the association stands.</summary>
    public SctpState State => _phase switch
    {
        Phase.Closed => SctpState.New,
        Phase.CookieWait or Phase.CookieEchoed => SctpState.Connecting,
        Phase.Established => SctpState.Established,
        Phase.Ended => SctpState.Closed,
        _ => SctpState.ShuttingDown,
    };

    /// <summary>What was counted so far.</summary>
    public SctpStats Stats => _stats;

    /// <summary>The smoothed round-trip time; null before the first measurement.</summary>
    public TimeSpan? RoundTripTime => _roundTrip.Smoothed;

    /// <summary>Starts the handshake. The DTLS client does; the other side may just receive, and both together is no harm.</summary>
    public void Connect(Instant now)
    {
        if (_phase == Phase.Closed)
        {
            StartInit(now);
        }
    }

    /// <summary>Runs the timers that are due, delivers everything, sends what may be sent, and says when to call again.</summary>
    public Deadline Advance(Instant now, ISctpSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (_phase != Phase.Ended)
        {
            RunTimers(now);
        }

        _events.Drain(sink);
        Transmit(now, sink);
        _events.Drain(sink);
        return NextDeadline();
    }

    /// <summary>Ends in order: what is queued is delivered first.</summary>
    public void Shutdown(Instant now)
    {
        switch (_phase)
        {
            case Phase.Established:
                _phase = Phase.ShutdownPending;
                ContinueShutdown(now);
                break;
            case Phase.Closed or Phase.CookieWait or Phase.CookieEchoed:
                End(SctpCloseReason.Shutdown);
                break;
        }
    }

    /// <summary>Ends at once, telling the peer with one ABORT at the next <see cref="Advance"/>.</summary>
    public void Abort(Instant now)
    {
        if (_phase != Phase.Ended)
        {
            Fail(SctpCloseReason.AbortedHere, AbortCause.UserInitiated);
        }
    }

    /// <summary>Tells that the path changed (ICE restart, new address): what was unanswered is sent again at once and the RTT measured anew.</summary>
    public void PathChanged(Instant now)
    {
        if (_phase == Phase.Ended)
        {
            return;
        }

        _sender.PathChanged(now);
        _handshakeAt = _handshakeAt == Instant.Distant ? Instant.Distant : now;
    }

    /// <summary>Asks the peer for a sign of life (HEARTBEAT, RFC 9260 §8.3) with the next <see cref="Advance"/>.</summary>
    public void Probe()
    {
        if (_phase == Phase.Established)
        {
            _heartbeatDue = true;
        }
    }

    private DataSender NewSender() => new(_options, _stats, _events, _roundTrip, _localFirst);

    private uint NewTag()
    {
        Span<byte> bytes = stackalloc byte[4];
        uint tag;
        do
        {
            _entropy.FillSecret(bytes);
            tag = BitConverter.ToUInt32(bytes);
        }
        while (tag == 0);
        return tag;
    }

    /// <summary>Gives up because the peer or the path leaves no sound state; the peer is told why.</summary>
    private void Fail(SctpCloseReason reason, AbortCause cause)
    {
        _abortCause = _peerTag != 0 ? cause : AbortCause.None;
        End(reason);
    }

    private void End(SctpCloseReason reason)
    {
        if (_phase == Phase.Ended)
        {
            return;
        }

        _phase = Phase.Ended;
        CloseEveryChannel();
        _events.Ended(reason);

        // Nothing of the association's buffers outlives it, even when its owner keeps it for the counters.
        _sender = NewSender();
        _receiver = null;
        _resets = null;
        _cookie = null;
        _handshakeAt = Instant.Distant;
        _heartbeatAt = Instant.Distant;
    }
}
