namespace Bridge.Rtc.Sctp;

/// <summary>
/// One SCTP association with its data channels (RFC 9260, RFC 8831, RFC 8832) over a DTLS connection (RFC 8261).
/// Sans-IO: packets come in by <see cref="Receive"/>, everything goes out by <see cref="Advance"/>. One owner, no locks.
/// Call <see cref="Advance"/> after every other call, and when the deadline it gave has come.
/// </summary>
/// <remarks>
/// It runs the timers of its parts and asks them for chunks to send; the packet receiver hands them the chunks that come.
/// </remarks>
internal sealed class SctpAssociation
{
    private const int MaxPacketSize = 2048;

    private readonly AssociationCore _core;
    private readonly PacketReceiver _receiver;

    /// <summary>Makes an association that answers an INIT; <see cref="Connect"/> sends one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option makes no sense.</exception>
    public SctpAssociation(Instant start, IEntropy entropy, SctpOptions options)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPacketSize, 512, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPacketSize, MaxPacketSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReceiveBufferSize, 4096, nameof(options));
        _core = new AssociationCore(start, entropy, options);
        _receiver = new PacketReceiver(_core);
    }

    /// <summary>Where the association stands.</summary>
    public SctpState State => _core.Handshake.Phase switch
    {
        AssociationPhase.Closed => SctpState.New,
        AssociationPhase.CookieWait or AssociationPhase.CookieEchoed => SctpState.Connecting,
        AssociationPhase.Established => SctpState.Established,
        AssociationPhase.Ended => SctpState.Closed,
        _ => SctpState.ShuttingDown,
    };

    /// <summary>The counters so far.</summary>
    public SctpStats Stats => _core.Stats;

    /// <summary>The smoothed round-trip time; null before the first measurement.</summary>
    public TimeSpan? RoundTripTime => _core.RoundTrip.Smoothed;

    /// <summary>The shortest round trip on this path; null before the first measurement.</summary>
    public TimeSpan? ShortestRoundTrip => _core.RoundTrip.Smoothed is null ? null : _core.RoundTrip.Shortest;

    /// <summary>Channels open now, closing ones included.</summary>
    public int ChannelCount => _core.Channels.Count;

    private AssociationPhase Phase => _core.Phase;

    private bool IsUsable => Phase <= AssociationPhase.Established;

    /// <summary>Starts the handshake. The DTLS client does; both together is no harm (RFC 9260 §5.2.1).</summary>
    public void Connect(Instant now)
    {
        if (Phase == AssociationPhase.Closed)
        {
            _core.Handshake.Connect(now);
        }
    }

    /// <summary>
    /// Leaves the start to the peer for the first T1 (400 ms), and starts then. The DTLS server does: some stacks start as the offerer
    /// alone, whatever their role in DTLS is.
    /// </summary>
    public void Await(Instant now)
    {
        if (Phase == AssociationPhase.Closed)
        {
            _core.Handshake.Await(now);
        }
    }

    /// <summary>
    /// Opens a channel; before the handshake too. False when no stream number or no room for a channel is left, the label is too long, or
    /// the association has ended.
    /// </summary>
    public bool TryOpenChannel(Instant now, DataChannelOptions options, out ushort stream)
    {
        ArgumentNullException.ThrowIfNull(options);
        stream = 0;
        return IsUsable && _core.Channels.TryOpen(options, out stream);
    }

    /// <summary>Queues a message on a channel; an empty message is one too.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary) =>
        IsUsable ? _core.Channels.Send(now, stream, message, binary) : DataSendResult.Closed;

    /// <summary>
    /// Closes a channel after what is queued on it was sent (RFC 8831 §6.7). <see cref="ISctpSink.ChannelClosed"/> follows.
    /// </summary>
    public void CloseChannel(Instant now, ushort stream) => _core.Channels.Close(stream);

    /// <summary>Bytes queued on a channel and not yet sent for the first time; 0 for no such channel.</summary>
    public long BufferedAmount(ushort stream) => _core.Channels.BufferedAmount(stream);

    /// <summary>Runs the timers that are due, delivers everything, sends what may be sent, and says when to call again.</summary>
    public Deadline Advance(Instant now, ISctpSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        RunTimers(now);
        _core.Events.Drain(sink);
        Transmit(now, sink);
        _core.Events.Drain(sink);
        while (_core.Drops.TryDequeue(out DropReason reason, out int count, out long bytes))
        {
            sink.Dropped(reason, count, bytes);
        }

        return NextDeadline();
    }

    /// <summary>Ends in order: what is queued is delivered first.</summary>
    public void Shutdown(Instant now)
    {
        switch (Phase)
        {
            case AssociationPhase.Established:
                _core.Handshake.RequestShutdown();
                _core.Channels.ShutDown();
                _core.ContinueShutdown(now);
                break;
            case AssociationPhase.Closed or AssociationPhase.CookieWait or AssociationPhase.CookieEchoed:
                _core.End(SctpCloseReason.Shutdown, AbortCause.None);
                break;
        }
    }

    /// <summary>Ends at once, telling the peer with one ABORT at the next <see cref="Advance"/>.</summary>
    public void Abort(Instant now) => _core.End(SctpCloseReason.AbortedHere, AbortCause.UserInitiated);

    /// <summary>
    /// Tells that the path changed (ICE restart, new address): what was unanswered is sent again at once and the RTT measured anew.
    /// </summary>
    public void PathChanged(Instant now)
    {
        if (Phase != AssociationPhase.Ended)
        {
            _core.Sender.PathChanged(now);
            _core.Handshake.HurryTimer(now);
        }
    }

    /// <summary>The share of a narrow path that is left to DATA.</summary>
    public DataPace Pace => _core.Pace;

    /// <summary>Asks the peer for a sign of life (HEARTBEAT, RFC 9260 §8.3) with the next <see cref="Advance"/>.</summary>
    public void Probe()
    {
        if (Phase == AssociationPhase.Established)
        {
            _core.Heartbeats.Probe();
        }
    }

    /// <summary>The secret of the HEARTBEAT that was answered last; 0 for none. Only a receiver of that HEARTBEAT can know it.</summary>
    internal ulong AnsweredHeartbeat => _core.Heartbeats.Answered;

    /// <summary>
    /// Sends a packet with nothing but a HEARTBEAT at once. Gives its secret; null when the association is not established.
    /// </summary>
    internal ulong? SendHeartbeat(Instant now, ISctpSink sink)
    {
        if (Phase != AssociationPhase.Established)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[PacketWriter.HeaderSize + Heartbeats.ChunkSize];
        PacketWriter packet = new(buffer, SctpOptions.LocalPort, _core.Options.RemotePort, _core.Handshake.PeerTag);
        ulong secret = _core.Heartbeats.WriteOwn(now, ref packet);
        Finish(ref packet, sink);
        return secret;
    }

    /// <summary>Takes a packet as DTLS delivered it. Never throws on wire bytes.</summary>
    public void Receive(Instant now, ReadOnlySpan<byte> packet) => _receiver.Receive(now, packet);

    private void RunTimers(Instant now)
    {
        if (Phase == AssociationPhase.Ended)
        {
            return;
        }

        if (!_core.Handshake.RunTimer(now))
        {
            _core.End(SctpCloseReason.TimedOut, AbortCause.None);
            return;
        }

        if (Phase < AssociationPhase.Established)
        {
            return;
        }

        if (!_core.Sender.RunTimers(now) || !_core.Channels.Resets!.RunTimer(now) || _core.Heartbeats.IsPeerDead)
        {
            _core.End(SctpCloseReason.TimedOut, AbortCause.UserInitiated);
            return;
        }

        _core.Heartbeats.RunTimer(now);
    }

    private void Transmit(Instant now, ISctpSink sink)
    {
        Span<byte> buffer = stackalloc byte[_core.Options.MaxPacketSize];
        if (Phase == AssociationPhase.Ended)
        {
            if (_core.Handshake.TryWriteFarewell(buffer, out PacketWriter farewell))
            {
                Finish(ref farewell, sink);
            }

            return;
        }

        if (_core.Handshake.TryWriteInit(buffer, out PacketWriter init))
        {
            Finish(ref init, sink);
        }

        if (_core.Handshake.TryWriteInitAck(now, buffer, out PacketWriter initAck))
        {
            Finish(ref initAck, sink);
        }

        if (Phase < AssociationPhase.CookieEchoed)
        {
            return;
        }

        while (true)
        {
            PacketWriter packet = new(buffer, SctpOptions.LocalPort, _core.Options.RemotePort, _core.Handshake.PeerTag);
            if (!_core.Handshake.TryWriteCookieEcho(ref packet) && Phase >= AssociationPhase.Established)
            {
                WriteControl(now, ref packet);
                WriteData(now, ref packet);
            }

            if (!packet.IsEmpty)
            {
                Finish(ref packet, sink);
            }
            else if (!_core.ContinueShutdown(now))
            {
                return;
            }
        }
    }

    private void WriteControl(Instant now, ref PacketWriter packet)
    {
        _core.Handshake.WriteCookieAck(ref packet);
        _core.Heartbeats.Write(now, ref packet);
        _core.Handshake.WriteShutdown(ref packet, _core.Receiver!.Cumulative);
    }

    private void WriteData(Instant now, ref PacketWriter packet)
    {
        bool hasData = _core.Sender.HasWork(now);
        DataReceiver receiver = _core.Receiver!;
        if (receiver.AcknowledgeAt <= now || (hasData && receiver.AcknowledgeAt != Instant.Distant))
        {
            receiver.WriteSack(ref packet);
        }

        _core.Channels.ResetDrained();
        if (_core.Channels.Resets is { HasWork: true } resets)
        {
            resets.Write(now, _core.Sender.LastAssigned, ref packet);
        }

        if (hasData)
        {
            _core.Sender.Write(now, ref packet);
        }
    }

    private void Finish(ref PacketWriter packet, ISctpSink sink)
    {
        Stats.PacketsSent++;
        sink.Transmit(packet.Finish(_core.Options.ZeroChecksum && _core.Handshake.Peer.ZeroChecksum));
    }

    private Deadline NextDeadline()
    {
        if (Phase == AssociationPhase.Ended)
        {
            return Deadline.Never;
        }

        Deadline next = Earliest(Deadline.Never, _core.Handshake.TimerAt, DeadlineReason.SctpHandshake);
        if (Phase < AssociationPhase.Established)
        {
            return next;
        }

        next = Deadline.Earliest(next, _core.Sender.NextDeadline());
        next = Earliest(next, _core.Receiver!.AcknowledgeAt, DeadlineReason.SctpAcknowledge);
        next = Earliest(next, _core.Channels.Resets!.RetryAt, DeadlineReason.SctpReset);
        return Earliest(next, _core.Heartbeats.At, DeadlineReason.SctpHeartbeat);
    }

    private static Deadline Earliest(Deadline first, Instant at, DeadlineReason why) => at < first.At ? new Deadline(at, why) : first;
}
