using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;
using Bridge.Rtc.Stun;

namespace Bridge.Rtc;

/// <summary>
/// The parts of a peer (ICE, DTLS, audio, data, consent, descriptions), which know nothing of each other, and what happens between
/// them: datagrams, timers, states.
/// </summary>
internal sealed class PeerCore : IDisposable
{
    private readonly IEntropy _entropy;
    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly PathValidation _validation;
    private readonly PeerLifecycle _life;
    private int _routeVersion;
    private bool _disposed;

    public PeerCore(Instant start, IEntropy entropy, RtcPeerOptions options)
    {
        _entropy = entropy;
        _options = options;
        _output = new OutputQueue(Stats, limited: options.Role == RtcRole.Server);
        Ice = new IceAgent(entropy, options, _output, Stats);
        _validation = new PathValidation(_output.Routes);
        Dtls = new DtlsTransport(options, _output);
        Audio = new AudioSession(start, entropy, options, _output, Stats);
        Path = new PathShare(Audio);
        _life = new PeerLifecycle(options, _output, Stats);
        ulong sessionId = (((ulong)entropy.NextCosmetic() << 32) | entropy.NextCosmetic()) >> 1;
        Negotiation = new Negotiation(options, Ice, Audio, sessionId);
    }

    public RtcPeerState State => _life.State;

    public PeerLifecycle Life => _life;

    public RtcStats Stats { get; } = new();

    /// <inheritdoc cref="PeerLifecycle.IsClosing"/>
    public bool IsClosing => _life.IsClosing;

    public IceAgent Ice { get; }

    public DtlsTransport Dtls { get; }

    public AudioSession Audio { get; }

    public Negotiation Negotiation { get; }

    public PathShare Path { get; }

    /// <summary>The data channels; null before DTLS is connected and data were agreed on.</summary>
    public DataSession? Data { get; private set; }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _life.Dispose();
        _output.Clear();
        Audio.Dispose();
        Dtls.Dispose();
    }

    /// <summary>Begins ICE anew. A silent or failed connection gets its time to connect; a live one stays connected.</summary>
    public void Restart(Instant now)
    {
        Ice.Restart();
        _life.Reconnect(now);
    }

    /// <summary>Takes a remote description into force.</summary>
    public void Adopt(Instant now, RemoteDescription next)
    {
        bool first = Negotiation.Remote is null;
        Negotiation.Adopt(next);
        if (first)
        {
            _life.Connect(now);
        }

        if (next.Audio is { } audio)
        {
            Audio.SetTerms(now, audio);
        }

        StartData(now);
    }

    /// <summary>Takes one datagram; never throws on wire bytes. Results come out of <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="datagram">Decrypted in place; the peer keeps no reference.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>True when the datagram proved to come from the remote side: a shared port may route this address here from now
    /// on.</returns>
    public bool Receive(Instant now, Span<byte> datagram, Route from)
    {
        Stats.DatagramsReceived++;
        if (IsClosing || datagram.IsEmpty || State is RtcPeerState.Closed or RtcPeerState.Failed)
        {
            // A failed peer is silent, so that the remote side finds out too and restarts ICE.
            _output.Drops.Add(DropReason.NotListening, datagram.Length);
            return false;
        }

        _output.Routes.Credit(from, datagram.Length);

        // RFC 7983 §7 distinguishes the protocols by the first byte.
        if (StunMessage.LooksLike(datagram))
        {
            bool authentic = Ice.Receive(now, datagram, from);
            AfterCheck(now);
            if (authentic)
            {
                Validate(now, from);
            }

            return authentic;
        }

        if (!Ice.IsProven(from))
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
                bool heard = Audio.Receive(now, datagram, Ice.Selected ?? from);
                if (heard)
                {
                    HeardMedia(now, from);
                    Validate(now, from);
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
            Data?.Advance(now, sink);
            _output.Drain(sink);
            return Deadline.Never;
        }

        if (IsClosing)
        {
            SayGoodbye(now, sink);
            _output.Drain(sink);
            return Deadline.Never;
        }

        Deadline next = Ice.Advance(now);
        AfterCheck(now);
        next = Deadline.Earliest(next, JudgeSilence(now));
        PumpDtls(now);

        // While the path is gone, the association's timers stand still: it shall live through any outage that ICE can end.
        if (Data is not null && (State != RtcPeerState.Failed || Dtls.State == DtlsTransportState.Failed))
        {
            // Outputs that came before the data's events are reported before them.
            _output.Drain(sink);
            next = Deadline.Earliest(next, Data.Advance(now, sink));
            PumpDtls(now);
        }

        next = Deadline.Earliest(next, Dtls.Engine?.NextDeadline(now) ?? Deadline.Never);
        next = Deadline.Earliest(next, Audio.Advance(now, Dtls.IsConnected ? Ice.Selected : null));
        _output.Drain(sink);
        Path.Tell(Data, sink);
        return State == RtcPeerState.Closed ? Deadline.Never : next;
    }

    private void ReceiveDtls(Instant now, ReadOnlySpan<byte> datagram, Route from)
    {
        bool greeted = Dtls.Engine is not null || Dtls.Role == DtlsRole.Server;
        if (Negotiation.Remote is null || Dtls.State == DtlsTransportState.Failed)
        {
            _output.Drops.Add(DropReason.DtlsUnexpected, datagram.Length);
            return;
        }

        Ice.Prefer(from);
        if (!greeted)
        {
            _output.Drops.Add(DropReason.DtlsUnexpected, datagram.Length);
            return;
        }

        if (Dtls.Engine is null)
        {
            // The engine is made for the first ClientHello: an offer nobody follows up costs no native memory.
            Dtls.Start(now);
        }

        Dtls.Receive(now, datagram);
        PumpDtls(now, from);
    }

    private void PumpDtls(Instant now, Route? from = null, Route? to = null)
    {
        while (Dtls.Poll(now, to ?? Ice.Selected, out ReadOnlySpan<byte> data) is var signal and not DtlsSignal.None)
        {
            switch (signal)
            {
                case DtlsSignal.Connected:
                    CompleteDtls(now, from);
                    break;
                case DtlsSignal.ApplicationData:
                    HeardMedia(now, from);
                    ReceiveData(now, data, from);
                    break;
                case DtlsSignal.Closed:
                    Data?.Association.Abort(now);
                    _life.Enter(now, RtcPeerState.Closed);
                    break;
                default:
                    FailDtls(now, Dtls.Engine!.Failure ?? "DTLS failed.");
                    break;
            }
        }
    }

    private void ReceiveData(Instant now, ReadOnlySpan<byte> packet, Route? from)
    {
        if (Data is null)
        {
            return;
        }

        Data.Association.Receive(now, packet);
        if (_validation.Answered(Data.Association.AnsweredHeartbeat))
        {
            // Part of what was sent there was withheld, so it goes out again at once.
            Data.Association.PathChanged(now);
        }

        if (from is { } route)
        {
            Validate(now, route);
        }
    }

    // Asks the far end of a route in use, or about to be, to show that it receives.
    private void Validate(Instant now, Route from)
    {
        if (_options.Role == RtcRole.Server && (from == Ice.Selected || from == Ice.Pending) && _validation.Wants(now, from)
            && Data?.Challenge(now) is { } secret)
        {
            _validation.Asked(now, from, secret);
            PumpDtls(now, from, to: from);
        }
    }

    private void CompleteDtls(Instant now, Route? from)
    {
        if (DtlsVerification.Check(Dtls.Engine!, Dtls.Role, Negotiation.Remote!, out SrtpSession? keys) is { } failure)
        {
            FailDtls(now, failure);
            return;
        }

        Dtls.Connected();
        if (keys is not null)
        {
            Audio.SetKeys(keys);
        }

        if (from is { } route)
        {
            if (Dtls.ProvesReceiver(route))
            {
                _output.Routes.Validate(route);
            }

            Ice.Secure(route);
        }

        StartData(now);
        AfterCheck(now);
    }

    private void StartData(Instant now)
    {
        if (Data is null && Dtls.IsConnected && Negotiation.Remote?.Data is { } terms)
        {
            Data = DataSession.Start(now, _entropy, _options, terms, Dtls.Role, Dtls.Engine!);
            Path.Began(now, Data);
        }
    }

    private void FailDtls(Instant now, string reason)
    {
        Data?.Association.Abort(now);
        Dtls.Fail(now);
        _life.Fail(now, reason);
    }

    // A check may have proved the route that DTLS waits for, ended a silence, or moved the connection.
    private void AfterCheck(Instant now)
    {
        if (Ice.Selected is null)
        {
            return;
        }

        if (Dtls.State == DtlsTransportState.New && Negotiation.Remote is not null && Dtls.Role == DtlsRole.Client)
        {
            Dtls.Start(now);
            PumpDtls(now);
        }

        if (_routeVersion != Ice.RouteVersion)
        {
            _routeVersion = Ice.RouteVersion;
            Data?.Association.PathChanged(now);
            Audio.PathChanged();
        }

        _life.Heard(now, Ice.LastHeard, Dtls.IsConnected);
    }

    private void HeardMedia(Instant now, Route? from)
    {
        // A client's consent comes from answers to its checks alone (RFC 7675 §5.1); a lite server sends no checks
        // and takes everything authentic for a sign of life.
        if (_options.Role == RtcRole.Server)
        {
            Ice.Heard(now);
            if (from is { } route)
            {
                Ice.Follow(route);
            }

            AfterCheck(now);
        }
    }

    private Deadline JudgeSilence(Instant now)
    {
        Deadline next = _life.Advance(now, _options.Role == RtcRole.Server && Data is not null, out bool ask, out bool expired);
        if (ask)
        {
            Data!.Association.Probe();
        }

        if (expired)
        {
            Ice.Forget();
        }

        return next;
    }

    private void SayGoodbye(Instant now, IRtcSink sink)
    {
        if (Dtls.IsConnected && Ice.Selected is { } route)
        {
            Audio.SendBye(now, route);
            if (Data is not null)
            {
                Data.Association.Abort(now);
                Data.Advance(now, sink);
            }

            Dtls.Engine!.Close(now);
            PumpDtls(now);
        }

        _life.Enter(now, RtcPeerState.Closed);
    }
}
