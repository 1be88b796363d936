namespace Bridge.Rtc.Sctp;

/// <summary>
/// The sending half: cuts messages into chunks, keeps them until acknowledged, finds losses and sends again
/// (RFC 9260 §6, §7; partial reliability by RFC 3758).
/// </summary>
/// <remarks>
/// A loss is found in four ways, the earliest first: three reports of later chunks (§7.2.4); a chunk sent later was
/// acknowledged and the reordering time is over (RFC 8985, which also covers lost retransmissions and flights too short
/// for three reports); a probe of the tail when the SACK of the last packet is overdue; T3-rtx.
/// </remarks>
internal sealed partial class DataSender
{
    private const int MostProbes = 2;
    private const int ReportsOfLoss = 3;
    private const int LargestReorderFactor = 8;
    private const int RecoveriesOfPatience = 16;

    private readonly SctpOptions _options;
    private readonly SctpStats _stats;
    private readonly RoundTripEstimator _roundTrip;
    private readonly CongestionWindow _window;
    private readonly SendQueue _queue;
    private readonly SentChunks _sent;
    private readonly int _largestPayload;

    private long _flight;
    private int _lost;
    private Tsn _firstLost;
    private long _peerWindow;
    private bool _partialReliability;
    private bool _recovering;
    private int _recoveries;
    private Tsn _recoveryEnd;
    private bool _forceOne;
    private int _errors;

    private Instant _newestAckedSentAt;
    private Tsn _newestAcked;
    private bool _anyAcked;
    private TimeSpan _newestRoundTrip;
    private int _reorderFactor = 1;

    private Instant _lastSentAt;
    private bool _probeDue;
    private int _expectedDuplicates;
    private int _probes;
    private bool _forwardDue;
    private Tsn _forwardedTo;
    private Instant _forwardedAt;

    private Instant _t3 = Instant.Distant;
    private Instant _probeAt = Instant.Distant;
    private Instant _reorderAt = Instant.Distant;
    private Instant _paceAt = Instant.Distant;

    public DataSender(SctpOptions options, SctpStats stats, SctpEvents events, RoundTripEstimator roundTrip, Tsn first)
    {
        _options = options;
        _stats = stats;
        _roundTrip = roundTrip;
        _window = new CongestionWindow(options.MaxPacketSize);
        _queue = new SendQueue(events);
        _sent = new SentChunks(first);
        _forwardedTo = first - 1;
        _largestPayload = (options.MaxPacketSize - PacketWriter.HeaderSize - DataChunk.Overhead) & ~3;
    }

    public SendQueue Queue => _queue;

    /// <summary>The last TSN given to a chunk.</summary>
    public Tsn LastAssigned => _sent.Next - 1;

    /// <summary>Nothing waits and nothing is unacknowledged.</summary>
    public bool IsIdle => _queue.IsEmpty && _sent.Count == 0;

    /// <summary>Learns from the handshake what the peer can take.</summary>
    public void Start(uint peerWindow, bool partialReliability)
    {
        _peerWindow = peerWindow;
        _partialReliability = partialReliability;
    }

    /// <summary>Runs the timers that are due. False when the peer has not answered for too long.</summary>
    public bool RunTimers(Instant now)
    {
        if (_reorderAt <= now)
        {
            FindLosses(now);
        }

        if (_probeAt <= now)
        {
            _probeAt = Instant.Distant;
            _probeDue = _flight > 0 && _lost == 0;
        }

        if (_t3 <= now)
        {
            _stats.Timeouts++;
            if (++_errors > _options.MaxRetransmissions)
            {
                return false;
            }

            _roundTrip.BackOff();
            _window.TimedOut();
            LoseAll(now);
        }

        return true;
    }

    /// <summary>The path is another one: what was measured is void, and what is unanswered goes out again.</summary>
    public void PathChanged(Instant now)
    {
        _roundTrip.Reset();
        _window.Reset();
        _errors = 0;
        if (_sent.Count > 0)
        {
            LoseAll(now);
        }
    }

    /// <summary>Whether <see cref="Write"/> has something for a packet now.</summary>
    public bool HasWork(Instant now)
    {
        _paceAt = Instant.Distant;
        if (_forwardDue || _probeDue)
        {
            return true;
        }

        bool wants = (_lost > 0 && (_forceOne || _flight < _window.Size)) || MaySendNew();
        if (wants && !_window.MayBurst(now))
        {
            _paceAt = CongestionWindow.NextBurst(now);
            return false;
        }

        return wants;
    }

    /// <summary>Fills a packet: FORWARD TSN, what was lost, a probe, then what is new.</summary>
    public void Write(Instant now, ref PacketWriter packet)
    {
        if (_forwardDue)
        {
            WriteForwardTsn(now, ref packet);
        }

        if (!HasWork(now))
        {
            return;
        }

        WriteLost(now, ref packet);
        if (_probeDue)
        {
            WriteProbe(now, ref packet);
        }

        WriteNew(now, ref packet);
        if (packet.HasData)
        {
            _window.PacketSent();
            _t3 = _t3 == Instant.Distant ? now + _roundTrip.Timeout : _t3;
            _lastSentAt = now;
            ArmProbe();
            if (!MaySendNew() && _lost == 0)
            {
                packet.AskForPromptSack();
            }
        }
    }

    public Deadline NextDeadline()
    {
        Instant at = Instant.Min(Instant.Min(_t3, _probeAt), _reorderAt);
        return _paceAt < at ? new Deadline(_paceAt, DeadlineReason.SctpPace) : new Deadline(at, at == Instant.Distant ? DeadlineReason.None : DeadlineReason.SctpRetransmit);
    }

    private bool MaySendNew()
    {
        if (_queue.IsEmpty || _sent.IsFull || _flight >= _window.Size)
        {
            return false;
        }

        // Against a closed window one chunk at a time asks whether it opened (§6.1 rule A).
        return _peerWindow > 0 || _sent.Count == 0;
    }

    private void WriteLost(Instant now, ref PacketWriter packet)
    {
        for (int i = Math.Max(0, _firstLost - _sent.First); _lost > 0 && i < _sent.Count; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            if (chunk.State != SentState.Lost)
            {
                continue;
            }

            _firstLost = _sent.First + i;
            if (packet.Room < chunk.Length + DataChunk.Overhead - 4 || (_flight >= _window.Size && !_forceOne && !packet.HasData))
            {
                return;
            }

            chunk.State = SentState.InFlight;
            chunk.Missing = 0;
            _lost--;
            _flight += chunk.Length;
            Resend(now, i, ref packet);
            if (i == 0)
            {
                // §7.2.4: the first outstanding chunk goes out again, so the timer starts again.
                _t3 = now + _roundTrip.Timeout;
            }
        }

        _forceOne &= !packet.HasData;
    }

    private void WriteProbe(Instant now, ref PacketWriter packet)
    {
        _probeDue = false;
        for (int i = _sent.Count - 1; i >= 0; i--)
        {
            ref SentChunk chunk = ref _sent[i];
            if (chunk.State == SentState.InFlight)
            {
                // A message that may not be sent again isn't probed with; T3 will see to it.
                if (packet.Room >= chunk.Length + DataChunk.Overhead - 4 && !packet.HasData && !IsExhausted(now, chunk))
                {
                    _probes++;
                    _stats.TailProbes++;
                    _expectedDuplicates++;
                    Resend(now, i, ref packet);
                }

                return;
            }
        }
    }

    private void Resend(Instant now, int index, ref PacketWriter packet)
    {
        ref SentChunk chunk = ref _sent[index];
        chunk.SentAt = now;
        chunk.Transmissions++;
        _stats.Retransmissions++;
        OutboundMessage message = chunk.Message;
        DataChunk.Write(ref packet, chunk.Flags, _sent.First + index, message.Channel.Stream, message.Ssn, message.Ppid, message.Buffer.AsSpan(chunk.Offset, chunk.Length));
    }

    private void WriteNew(Instant now, ref PacketWriter packet)
    {
        while (MaySendNew() && _queue.Peek() is { } message)
        {
            if (_partialReliability && message.Expires <= now)
            {
                GiveUp(message);
                continue;
            }

            int length = Math.Min(_largestPayload, message.Length - message.Offset);
            if (packet.Room < length + DataChunk.Overhead - 4)
            {
                return;
            }

            byte flags = message.Unordered ? DataChunk.Unordered : (byte)0;
            if (message.Offset == 0)
            {
                flags |= DataChunk.Begin;
                message.FirstTsn = _sent.Next;
                message.Ssn = message.Unordered ? default : message.Channel.TakeSsn();
            }

            flags |= message.Offset + length == message.Length ? DataChunk.End : (byte)0;
            Tsn tsn = _sent.Next;
            ref SentChunk chunk = ref _sent.Add();
            chunk = new SentChunk { Message = message, SentAt = now, Offset = message.Offset, Length = length, Transmissions = 1, Flags = flags, State = SentState.InFlight };
            DataChunk.Write(ref packet, flags, tsn, message.Channel.Stream, message.Ssn, message.Ppid, message.Buffer.AsSpan(chunk.Offset, length));
            message.Outstanding++;
            _flight += length;
            _peerWindow = Math.Max(0, _peerWindow - length);
            _queue.Advance(message, length);
        }
    }

    /// <summary>Writes FORWARD TSN for the given-up chunks at the head (RFC 3758 §3.2, §3.5).</summary>
    private void WriteForwardTsn(Instant now, ref PacketWriter packet)
    {
        const int MostStreams = 32;
        Span<(ushort Stream, Ssn Ssn)> skipped = stackalloc (ushort, Ssn)[MostStreams];
        int streams = 0;
        int count = 0;
        for (; count < _sent.Count && _sent[count].State == SentState.Abandoned; count++)
        {
            OutboundMessage message = _sent[count].Message;
            if (message.Unordered)
            {
                continue;
            }

            int at = 0;
            while (at < streams && skipped[at].Stream != message.Channel.Stream)
            {
                at++;
            }

            if (at == MostStreams)
            {
                break;
            }

            skipped[at] = (message.Channel.Stream, message.Ssn);
            streams = Math.Max(streams, at + 1);
        }

        if (count == 0 || packet.Room < 4 + (streams * 4))
        {
            _forwardDue = count > 0;
            return;
        }

        _forwardDue = false;
        _forwardedTo = _sent.First + (count - 1);
        _forwardedAt = now;
        _t3 = _t3 == Instant.Distant ? now + _roundTrip.Timeout : _t3;
        ForwardTsnChunk.Write(ref packet, _forwardedTo, skipped[..streams]);
    }

    private bool NeedsForward(Instant now)
    {
        if (_sent.Count == 0 || _sent[0].State != SentState.Abandoned)
        {
            return false;
        }

        return _sent.First > _forwardedTo || now - _forwardedAt >= (_roundTrip.Smoothed ?? _options.RtoInitial);
    }

    /// <summary>Counts from the last packet sent, which asked for a prompt SACK: what is acknowledged of earlier ones changes nothing.</summary>
    private void ArmProbe() =>
        _probeAt = _flight > 0 && _lost == 0 && _probes < MostProbes ? _lastSentAt + _roundTrip.ProbeTimeout : Instant.Distant;
}
