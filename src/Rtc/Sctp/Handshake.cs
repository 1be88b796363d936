using System.Buffers.Binary;
using System.Diagnostics;

namespace Bridge.Rtc.Sctp;

/// <summary>Sets an association up and ends it: INIT, cookies, SHUTDOWN, ABORT, with the timers T1 and T2 (RFC 9260 §5, §9).</summary>
internal sealed class Handshake
{
    // A stack that refuses what it does not know answers no INIT with 0x8001 (pion's sctp 1.8): the later ones go without.
    private const int MaxInitsWithZeroChecksum = 2;

    private readonly IEntropy _entropy;
    private readonly SctpOptions _options;
    private readonly SctpStats _stats;
    private readonly Drops _drops;
    private readonly RoundTripEstimator _roundTrip;
    private readonly StateCookies _cookies;
    private readonly HandshakeTimer _timer;
    private readonly HandshakeOutput _output;

    private Instant _initSentAt;

    public Handshake(IEntropy entropy, SctpOptions options, SctpStats stats, Drops drops, RoundTripEstimator roundTrip)
    {
        _entropy = entropy;
        _options = options;
        _stats = stats;
        _drops = drops;
        _roundTrip = roundTrip;
        _cookies = new StateCookies(entropy);
        _timer = new HandshakeTimer(roundTrip);
        _output = new HandshakeOutput(options, roundTrip);
        LocalTag = DrawTag();
        LocalInitialTsn = new Tsn(DrawTag());
    }

    public AssociationPhase Phase { get; private set; }

    /// <summary>The verification tag of packets to us.</summary>
    public uint LocalTag { get; private set; }

    /// <summary>The verification tag of packets to the peer; 0 before its INIT or INIT ACK.</summary>
    public uint PeerTag { get; private set; }

    /// <summary>The TSN of our first DATA chunk.</summary>
    public Tsn LocalInitialTsn { get; private set; }

    /// <summary>The peer's parameters.</summary>
    public InitChunk Peer { get; private set; }

    /// <summary>When T1 or T2 expires; <see cref="Instant.Distant"/> while neither runs.</summary>
    public Instant TimerAt => _timer.At;

    /// <summary>Sends INIT.</summary>
    public void Connect(Instant now)
    {
        Phase = AssociationPhase.CookieWait;
        _initSentAt = now;
        _output.Add(HandshakeChunks.Init);
        _timer.Start(now);
    }

    /// <summary>Leaves INIT to the peer for the time of T1, then sends one.</summary>
    public void Await(Instant now) => _timer.Start(now);

    /// <summary>Runs T1 and T2. False when the peer has answered nothing for too long.</summary>
    public bool RunTimer(Instant now)
    {
        if (!_timer.HasExpired(now))
        {
            return true;
        }

        if (Phase == AssociationPhase.Closed)
        {
            Connect(now);
            return true;
        }

        if (_timer.ExpiryCount > _options.MaxRetransmissions)
        {
            return false;
        }

        HandshakeChunks again = Phase switch
        {
            AssociationPhase.CookieWait => HandshakeChunks.Init,
            AssociationPhase.CookieEchoed => HandshakeChunks.CookieEcho,
            AssociationPhase.ShutdownSent => HandshakeChunks.Shutdown,
            AssociationPhase.ShutdownAckSent => HandshakeChunks.ShutdownAck,
            _ => HandshakeChunks.None,
        };
        _output.Add(again);
        if (again == HandshakeChunks.None)
        {
            _timer.Stop();
        }

        return true;
    }

    /// <summary>The path is another one: what waits for an answer goes out again at once.</summary>
    public void HurryTimer(Instant now) => _timer.Hurry(now);

    /// <summary>
    /// An INIT changes nothing here (§5.1, §5.2.1, §5.2.2): all that the handshake needs later is in the cookie.
    /// One answer waits at most, so a flood costs one INIT ACK for each <see cref="SctpAssociation.Advance"/>.
    /// </summary>
    public void ReceiveInit(ReadOnlySpan<byte> value)
    {
        _stats.InitsReceived++;
        if (!InitChunk.TryParse(value, out InitChunk init, out _))
        {
            _drops.Add(DropReason.SctpMalformed, value.Length);
            return;
        }

        if (Phase == AssociationPhase.ShutdownAckSent)
        {
            // §9.2: the peer is still ending the old association.
            _output.Add(HandshakeChunks.ShutdownAck);
            return;
        }

        if (!_output.Answer(init))
        {
            _drops.Add(DropReason.SctpAnswerWaiting, value.Length);
        }
    }

    public void ReceiveInitAck(Instant now, ReadOnlySpan<byte> value)
    {
        if (Phase != AssociationPhase.CookieWait)
        {
            _drops.Add(DropReason.SctpUnexpected, value.Length);
            return;
        }

        if (!InitChunk.TryParse(value, out InitChunk peer, out ReadOnlySpan<byte> cookie) || cookie.IsEmpty
            || cookie.Length + PacketWriter.HeaderSize + 8 > _options.MaxPacketSize)
        {
            _drops.Add(DropReason.SctpMalformed, value.Length);
            return;
        }

        if (_timer.ExpiryCount == 0)
        {
            _roundTrip.Measure(now - _initSentAt);
        }

        Peer = peer;
        PeerTag = peer.Tag;
        Phase = AssociationPhase.CookieEchoed;
        _output.Echo(cookie);
        _timer.Start(now);
    }

    /// <summary>Takes a COOKIE ECHO (§5.1.5, §5.2.4).</summary>
    public CookieResult ReceiveCookieEcho(Instant now, uint packetTag, ReadOnlySpan<byte> value)
    {
        if (!_cookies.TryVerify(now, value, out StateCookie cookie) || cookie.LocalTag != packetTag)
        {
            _drops.Add(DropReason.SctpCookie, value.Length);
            return CookieResult.Refused;
        }

        bool sameLocal = cookie.LocalTag == LocalTag;
        bool samePeer = cookie.Peer.Tag == PeerTag;
        if (Phase == AssociationPhase.Closed || (sameLocal && Phase is AssociationPhase.CookieWait or AssociationPhase.CookieEchoed))
        {
            // The answer to our INIT ACK, or B and D of §5.2.4: both sides sent INIT.
            Adopt(now, cookie);
            return CookieResult.Established;
        }

        if (sameLocal && samePeer)
        {
            _output.Add(HandshakeChunks.CookieAck);
            return CookieResult.Repeated;
        }

        if (!sameLocal && !samePeer && cookie.LocalTieTag == LocalTag && cookie.PeerTieTag == PeerTag && cookie.LocalTieTag != 0)
        {
            LocalTag = cookie.LocalTag;
            LocalInitialTsn = cookie.LocalTsn;
            _roundTrip.Reset();
            Adopt(now, cookie);
            return CookieResult.Restarted;
        }

        _drops.Add(DropReason.SctpCookie, value.Length);
        return CookieResult.Refused;
    }

    /// <summary>Takes a COOKIE ACK; true when it establishes the association.</summary>
    public bool ReceiveCookieAck()
    {
        if (Phase != AssociationPhase.CookieEchoed)
        {
            _drops.Add(DropReason.SctpUnexpected, 0);
            return false;
        }

        Complete();
        return true;
    }

    /// <summary>Takes an ERROR. A stale cookie makes us begin again (§5.2.6).</summary>
    public void ReceiveError(Instant now, ReadOnlySpan<byte> value)
    {
        const ushort StaleCookie = 3;
        ParameterReader causes = new(value);
        while (causes.TryRead(out ParameterType cause, out _))
        {
            if ((ushort)cause == StaleCookie && Phase == AssociationPhase.CookieEchoed)
            {
                Connect(now);
            }
        }
    }

    /// <summary>Asks for an orderly end, as soon as nothing is outstanding.</summary>
    public void RequestShutdown() => Phase = AssociationPhase.ShutdownPending;

    /// <summary>The peer asks for an orderly end.</summary>
    public void ReceiveShutdown(Instant now)
    {
        switch (Phase)
        {
            case AssociationPhase.Established or AssociationPhase.ShutdownPending:
                Phase = AssociationPhase.ShutdownReceived;
                break;
            case AssociationPhase.ShutdownSent:
                // Both sides ask at once.
                EnterShutdownAckSent(now);
                break;
        }
    }

    /// <summary>The peer had not seen our SHUTDOWN when it sent DATA (§9.2).</summary>
    public void RepeatShutdown()
    {
        if (Phase == AssociationPhase.ShutdownSent)
        {
            _output.Add(HandshakeChunks.Shutdown);
        }
    }

    /// <summary>Goes on with the orderly end: nothing is outstanding any more. True when a chunk is to be sent.</summary>
    public bool ContinueShutdown(Instant now)
    {
        if (Phase == AssociationPhase.ShutdownPending)
        {
            Phase = AssociationPhase.ShutdownSent;
            _output.Add(HandshakeChunks.Shutdown);
            _timer.Start(now);
        }
        else if (Phase == AssociationPhase.ShutdownReceived)
        {
            EnterShutdownAckSent(now);
        }

        return _output.HasShutdown;
    }

    /// <summary>Takes a SHUTDOWN ACK; true when it ends the association.</summary>
    public bool ReceiveShutdownAck()
    {
        if (Phase is not (AssociationPhase.ShutdownSent or AssociationPhase.ShutdownAckSent))
        {
            _drops.Add(DropReason.SctpUnexpected, 0);
            return false;
        }

        _output.Add(HandshakeChunks.ShutdownComplete);
        return true;
    }

    /// <summary>Takes a packet after the end. §8.4 (5): a peer whose SHUTDOWN COMPLETE was lost asks again, and is answered.</summary>
    public void ReceiveAfterEnd(ReadOnlySpan<byte> packet)
    {
        _drops.Add(DropReason.SctpUnexpected, packet.Length);
        if (packet.Length >= 16 && packet[12] == (byte)ChunkType.ShutdownAck
            && BinaryPrimitives.ReadUInt32BigEndian(packet[4..]) == LocalTag)
        {
            _output.Add(HandshakeChunks.ShutdownComplete);
        }
    }

    /// <summary>Ends the association. A peer that is known gets the cause, if there is one.</summary>
    public void End(AbortCause cause)
    {
        Phase = AssociationPhase.Ended;
        _timer.Stop();
        _output.End(PeerTag != 0 ? cause : AbortCause.None);
    }

    /// <inheritdoc cref="HandshakeOutput.TryWriteInit"/>
    public bool TryWriteInit(Span<byte> buffer, out PacketWriter packet) => _output.TryWriteInit(
        buffer, LocalTag, LocalInitialTsn, _options.ZeroChecksum && _timer.ExpiryCount < MaxInitsWithZeroChecksum, out packet);

    /// <summary>Writes INIT ACK. False when none is due.</summary>
    public bool TryWriteInitAck(Instant now, Span<byte> buffer, out PacketWriter packet)
    {
        packet = default;
        if (_output.TakeInit() is not { } asked)
        {
            return false;
        }

        packet = _output.WriteInitAck(buffer, asked, MakeCookie(now, asked), _cookies);
        return true;
    }

    /// <inheritdoc cref="HandshakeOutput.TryWriteCookieEcho"/>
    public bool TryWriteCookieEcho(ref PacketWriter packet) => _output.TryWriteCookieEcho(ref packet);

    /// <inheritdoc cref="HandshakeOutput.WriteCookieAck"/>
    public void WriteCookieAck(ref PacketWriter packet) => _output.WriteCookieAck(ref packet);

    /// <inheritdoc cref="HandshakeOutput.WriteShutdown"/>
    public void WriteShutdown(ref PacketWriter packet, Tsn cumulative) => _output.WriteShutdown(ref packet, cumulative);

    /// <inheritdoc cref="HandshakeOutput.TryWriteFarewell"/>
    public bool TryWriteFarewell(Span<byte> buffer, out PacketWriter packet) => _output.TryWriteFarewell(buffer, PeerTag, out packet);

    private StateCookie MakeCookie(Instant now, in InitChunk init)
    {
        _cookies.NeedKey();

        // Before there is an association our tag is the one we would use ourselves, so that crossing INITs meet (§5.2.1);
        // after that it is a new one, with the present tags to tell a restart from a forgery (§5.2.2).
        return Phase is AssociationPhase.Closed or AssociationPhase.CookieWait or AssociationPhase.CookieEchoed
            ? new StateCookie(now, LocalTag, LocalInitialTsn, init, 0, 0)
            : new StateCookie(now, DrawTag(), new Tsn(DrawTag()), init, LocalTag, PeerTag);
    }

    private void Adopt(Instant now, in StateCookie cookie)
    {
        Peer = cookie.Peer;
        PeerTag = cookie.Peer.Tag;
        _output.Add(HandshakeChunks.CookieAck);
        TimeSpan age = now - cookie.Created;
        if (_roundTrip.Smoothed is null && age < SctpOptions.RtoInitial)
        {
            // Older than our peer's first retransmission it may be the answer to a repeated INIT ACK.
            _roundTrip.Measure(age);
        }

        Complete();
    }

    private void Complete()
    {
        Phase = AssociationPhase.Established;
        _timer.Stop();
        _output.Complete();
    }

    private void EnterShutdownAckSent(Instant now)
    {
        Debug.Assert(Phase is AssociationPhase.ShutdownReceived or AssociationPhase.ShutdownSent, "only from these two");
        Phase = AssociationPhase.ShutdownAckSent;
        _output.AcknowledgeShutdown();
        _timer.Start(now);
    }

    private uint DrawTag()
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
}
