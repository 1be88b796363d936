namespace Bridge.Rtc.Sctp;

/// <summary>
/// The sending half: cuts messages into chunks, keeps them until acknowledged, finds losses and sends again
/// (RFC 9260 §6, §7; partial reliability by RFC 3758).
/// </summary>
/// <remarks>
/// A loss is found in four ways, the earliest first: three miss indications (§7.2.4), RACK, a tail loss probe, T3-rtx.
/// </remarks>
internal sealed class DataSender
{
    private readonly SctpOptions _options;
    private readonly SctpStats _stats;
    private readonly RoundTripEstimator _roundTrip;
    private readonly CongestionWindow _window;
    private readonly SendQueue _queue;
    private readonly SentChunks _sent;
    private readonly Rack _rack;
    private readonly TailLossProbe _tlp;
    private readonly PartialReliability _partial;
    private readonly Acknowledger _acknowledger;
    private readonly DataPace _pace;
    private readonly int _maxPayload;

    private long _peerRwnd;
    private bool _sendsOneAnyway;
    private int _timeoutCount;
    private Instant _t3 = Instant.Distant;
    private Instant _reorderingAt = Instant.Distant;
    private Instant _paceAt = Instant.Distant;

    public DataSender(SctpOptions options, SctpStats stats, SendQueue queue, RoundTripEstimator roundTrip, DataPace pace, Tsn first)
    {
        _options = options;
        _stats = stats;
        _queue = queue;
        _roundTrip = roundTrip;
        _pace = pace;
        _window = new CongestionWindow(options.MaxPacketSize);
        _sent = new SentChunks(first);
        _rack = new Rack(roundTrip);
        _tlp = new TailLossProbe(roundTrip);
        _partial = new PartialReliability(roundTrip, _sent, queue, stats);
        _acknowledger = new Acknowledger(_sent, queue, _rack);
        _maxPayload = (options.MaxPacketSize - PacketWriter.HeaderSize - DataChunk.Overhead) & ~3;
    }

    public SendQueue Queue => _queue;

    /// <summary>The last TSN given to a chunk.</summary>
    public Tsn LastAssigned => _sent.Next - 1;

    /// <summary>Nothing waits and nothing is unacknowledged.</summary>
    public bool IsIdle => _queue.IsEmpty && _sent.Count == 0;

    private bool ProbesTail => _sent.FlightSize > 0 && !_pace.IsLimited; // on a narrow path a probe lengthens the queue of its SACK

    /// <summary>Learns from the handshake what the peer can take.</summary>
    public void Start(uint peerRwnd, bool partialReliability)
    {
        _peerRwnd = peerRwnd;
        _partial.Start(partialReliability);
    }

    /// <summary>Runs the timers that are due. False when the peer has not answered for too long.</summary>
    public bool RunTimers(Instant now)
    {
        if (_reorderingAt <= now)
        {
            FindLosses(now);
        }

        _tlp.RunTimer(now, ProbesTail);
        if (_t3 <= now)
        {
            _stats.Timeouts++;
            if (++_timeoutCount > _options.MaxRetransmissions)
            {
                return false;
            }

            _roundTrip.BackOff();
            _window.TimedOut(_roundTrip.IsQueueing);
            LoseAll(now);
        }

        return true;
    }

    /// <summary>The path is another one: what was measured is void, and what is unanswered goes out again.</summary>
    public void PathChanged(Instant now)
    {
        _roundTrip.Reset();
        _window.Reset();
        _timeoutCount = 0;
        if (_sent.Count > 0)
        {
            LoseAll(now);
        }
    }

    /// <summary>Whether <see cref="Write"/> has something for a packet now.</summary>
    public bool HasWork(Instant now)
    {
        _paceAt = Instant.Distant;
        if (_partial.IsDue || _tlp.IsDue)
        {
            return true;
        }

        bool wants = (_sent.LostCount > 0 && (_sendsOneAnyway || _sent.FlightSize < _window.Cwnd)) || MaySendNew();
        if (wants && (!_window.MayBurst(now) || !_pace.MayLeave(now)))
        {
            _paceAt = _pace.NextAt(now);
            return false;
        }

        return wants;
    }

    /// <summary>Fills a packet: FORWARD TSN, what was lost, a probe, then what is new.</summary>
    public void Write(Instant now, ref PacketWriter packet)
    {
        if (_partial.IsDue && _partial.TryWrite(now, ref packet))
        {
            StartT3IfStopped(now);
        }

        if (!HasWork(now))
        {
            return;
        }

        _sendsOneAnyway |= _tlp.IsDue;
        WriteLost(now, ref packet);
        if (_tlp.IsDue)
        {
            WriteProbe(now, ref packet);
        }

        WriteNew(now, ref packet);
        if (packet.HasData)
        {
            _window.PacketSent();
            _pace.Sent(packet.Length);
            StartT3IfStopped(now);
            _tlp.PacketSent(now);
            _tlp.Arm(ProbesTail);
            if (_pace.IsLimited || (!MaySendNew() && _sent.LostCount == 0))
            {
                packet.AskForPromptSack();
            }
        }
    }

    public Deadline NextDeadline()
    {
        Instant at = Instant.Min(Instant.Min(_t3, _tlp.PtoAt), _reorderingAt);
        return _paceAt < at
            ? new Deadline(_paceAt, DeadlineReason.SctpPace)
            : new Deadline(at, at == Instant.Distant ? DeadlineReason.None : DeadlineReason.SctpRetransmit);
    }

    /// <summary>Takes a SACK. False when it acknowledges what was never sent, which leaves no sound state (§6.2.1).</summary>
    public bool Acknowledge(Instant now, in SackChunk sack)
    {
        int advance = sack.Cumulative - (_sent.First - 1);
        if (advance < 0)
        {
            return true;
        }

        if (advance > _sent.Count)
        {
            return false;
        }

        long flightSizeBefore = _sent.FlightSize;
        Acknowledgement news = _acknowledger.Take(now, sack, advance);
        _peerRwnd = Math.Max(0, sack.Window - _sent.FlightSize);
        if (!_tlp.Explains(sack.Duplicates))
        {
            _rack.WidenWindow();
        }

        if (news.Bytes > 0 || sack.Window == 0)
        {
            _timeoutCount = 0;
        }

        _stats.BytesAcknowledged += news.Bytes;
        if (news.Bytes > 0 || advance > 0)
        {
            _tlp.Acknowledged();
            _roundTrip.ClearBackOff();
            if (news.Sample is { } sample)
            {
                _roundTrip.Measure(sample);
            }
        }

        _window.AcknowledgedUpTo(_sent.First);
        if (_sent.Count > 0 && _sent[0].State == SentState.Acknowledged)
        {
            // The receiver took back what a gap block had acknowledged (§6.2): the first missing chunk can't be acknowledged.
            _partial.Lose(now, 0);
        }

        FindLosses(now);
        if (news.Bytes > 0)
        {
            _window.Acknowledged(news.Bytes, flightSizeBefore, _roundTrip.PathCapacity);
        }

        if (_sent.Count == 0)
        {
            _t3 = Instant.Distant;
            _tlp.Stop();
        }
        else
        {
            _t3 = advance > 0 ? now + _roundTrip.Timeout : _t3;
            _partial.Acknowledged(now);
            _tlp.Arm(ProbesTail);
        }

        return true;
    }

    /// <summary>Takes the cumulative TSN of a SHUTDOWN. False as for <see cref="Acknowledge"/>.</summary>
    public bool AcknowledgeCumulative(Instant now, Tsn cumulative) =>
        Acknowledge(now, SackChunk.WithoutGaps(cumulative, (uint)Math.Min(_peerRwnd + _sent.FlightSize, uint.MaxValue)));

    private bool MaySendNew()
    {
        if (_queue.IsEmpty || _sent.IsFull || _sent.FlightSize >= _window.Cwnd)
        {
            return false;
        }

        // Against a closed window one chunk at a time asks whether it opened (§6.1 rule A).
        return _peerRwnd > 0 || _sent.Count == 0;
    }

    private void WriteLost(Instant now, ref PacketWriter packet)
    {
        for (int i = _sent.FirstLostIndex; _sent.LostCount > 0 && i < _sent.Count; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            if (chunk.State != SentState.Lost)
            {
                continue;
            }

            _sent.FirstLostIndex = i;
            bool held = _sent.FlightSize >= _window.Cwnd && !_sendsOneAnyway && !packet.HasData;
            if (held || packet.Room < chunk.Length + DataChunk.Overhead - 4)
            {
                return;
            }

            _sent.SetState(i, SentState.InFlight);
            chunk.Missing = 0;
            Resend(now, i, ref packet);
            if (i == 0)
            {
                // §7.2.4: the first outstanding chunk goes out again, so the timer starts again.
                _t3 = now + _roundTrip.Timeout;
            }
        }

        _sendsOneAnyway &= !packet.HasData;
    }

    private void WriteProbe(Instant now, ref PacketWriter packet)
    {
        if (_sent.LostCount > 0 || packet.HasData)
        {
            // A lost chunk probes as well as the tail does, and cwnd is not to hold it back.
            _tlp.Done(sent: packet.HasData, duplicates: false);
            return;
        }

        int last = _sent.Count - 1;
        while (last >= 0 && _sent[last].State != SentState.InFlight)
        {
            last--;
        }

        // A message that may not be sent again isn't probed with; T3 will see to it.
        bool sends = last >= 0 && packet.Room >= _sent[last].Length + DataChunk.Overhead - 4 && !_partial.IsExhausted(now, _sent[last]);
        _tlp.Done(sends, duplicates: sends);
        if (sends)
        {
            _stats.TailProbes++;
            Resend(now, last, ref packet);
        }
    }

    private void Resend(Instant now, int index, ref PacketWriter packet)
    {
        ref SentChunk chunk = ref _sent[index];
        chunk.SentAt = now;
        chunk.Transmissions++;
        _stats.Retransmissions++;
        chunk.Message.WriteChunk(ref packet, chunk.Flags, _sent.First + index, chunk.Offset, chunk.Length);
    }

    private void WriteNew(Instant now, ref PacketWriter packet)
    {
        while (MaySendNew() && _pace.MayLeave(now) && _queue.Peek() is { } message)
        {
            if (_partial.IsExpired(now, message))
            {
                _partial.GiveUp(message);
                continue;
            }

            int length = Math.Min(Math.Min(_maxPayload, _pace.MaxPayload), message.Length - message.Offset);
            if (packet.Room < length + DataChunk.Overhead - 4 || (packet.HasData && packet.Length + length > _pace.MaxPayload))
            {
                return;
            }

            byte flags = message.BeginChunk(_sent.Next, length);
            message.WriteChunk(ref packet, flags, _sent.Next, message.Offset, length);
            _sent.Add(new SentChunk
            {
                Message = message,
                SentAt = now,
                Offset = message.Offset,
                Length = length,
                Transmissions = 1,
                Flags = flags,
                State = SentState.InFlight,
            });
            message.Outstanding++;
            _peerRwnd = Math.Max(0, _peerRwnd - length);
            _queue.Advance(message, length);
        }
    }

    private void FindLosses(Instant now)
    {
        _reorderingAt = Instant.Distant;
        if (!_rack.IsStarted)
        {
            return;
        }

        TimeSpan timeout = _rack.Timeout;
        bool found = false;
        for (int i = 0; i < _sent.Count; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            if (chunk.State != SentState.InFlight || !_rack.WasSentBefore(chunk, _sent.First + i))
            {
                continue;
            }

            if (_rack.IsReported(chunk) || chunk.SentAt + timeout <= now)
            {
                found = true;
                _stats.FastRetransmissions++;
                _window.Lost(chunk.Length);
                _partial.Lose(now, i);
            }
            else
            {
                _reorderingAt = Instant.Min(_reorderingAt, chunk.SentAt + timeout);
            }
        }

        if (found && !_window.InFastRecovery)
        {
            _window.EnterFastRecovery(LastAssigned, _roundTrip.IsQueueing);
            _sendsOneAnyway = true;
            _rack.CountRecovery();
        }
    }

    private void LoseAll(Instant now)
    {
        for (int i = 0; i < _sent.Count; i++)
        {
            if (_sent[i].State == SentState.InFlight)
            {
                _partial.Lose(now, i);
            }
        }

        _sendsOneAnyway = true;
        _tlp.Cancel();
        _reorderingAt = Instant.Distant;
        _t3 = now + _roundTrip.Timeout;
        _partial.Refresh();
    }

    private void StartT3IfStopped(Instant now) => _t3 = _t3 == Instant.Distant ? now + _roundTrip.Timeout : _t3;
}
