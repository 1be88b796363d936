namespace Bridge.Rtc.Sctp;

/// <summary>What SACKs tell: what arrived, what is lost, what to give up.</summary>
internal sealed partial class DataSender
{
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

        long flightBefore = _flight;
        Acknowledgement news = new() { Now = now };
        Remove(advance, ref news);
        int highest = AcknowledgeGaps(sack, ref news);
        _peerWindow = Math.Max(0, sack.Window - _flight);
        NoteDuplicates(sack.Duplicates);
        if (news.Bytes > 0 || sack.Window == 0)
        {
            _errors = 0;
        }

        if (news.Bytes > 0 || advance > 0)
        {
            _probes = 0;
            _roundTrip.ClearBackOff();
            if (news.Sample is { } sample)
            {
                _roundTrip.Measure(sample);
            }
        }

        if (_recovering && _sent.First > _recoveryEnd)
        {
            _recovering = false;
        }

        for (int i = 0; i < highest; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            chunk.Missing += chunk.State == SentState.InFlight && chunk.Missing < byte.MaxValue ? (byte)1 : (byte)0;
        }

        // A receiver that took back what a gap block had acknowledged (§6.2): the first missing chunk can't be acknowledged.
        if (_sent.Count > 0 && _sent[0].State == SentState.Acknowledged)
        {
            MarkLost(now, 0);
        }

        FindLosses(now);
        if (!_recovering && news.Bytes > 0)
        {
            _window.Acknowledged(news.Bytes, flightBefore, _roundTrip.PathCapacity);
        }

        if (_sent.Count == 0)
        {
            _t3 = Instant.Distant;
            _probeAt = Instant.Distant;
        }
        else
        {
            _t3 = advance > 0 ? now + _roundTrip.Timeout : _t3;
            _forwardDue |= NeedsForward(now);
            ArmProbe();
        }

        return true;
    }

    /// <summary>Takes the cumulative TSN of a SHUTDOWN. False as for <see cref="Acknowledge"/>.</summary>
    public bool AcknowledgeCumulative(Instant now, Tsn cumulative) =>
        Acknowledge(now, SackChunk.WithoutGaps(cumulative, (uint)Math.Min(_peerWindow + _flight, uint.MaxValue)));

    /// <summary>A chunk that arrived twice was taken for lost too soon (RFC 8985 §6.2), unless it was a probe.</summary>
    private void NoteDuplicates(int count)
    {
        if (count > _expectedDuplicates)
        {
            _reorderFactor = Math.Min(_reorderFactor + 1, LargestReorderFactor);
        }

        _expectedDuplicates = Math.Max(0, _expectedDuplicates - count);
    }

    private void Remove(int count, ref Acknowledgement news)
    {
        for (int i = 0; i < count; i++)
        {
            ref SentChunk chunk = ref _sent[0];
            Settle(ref chunk, _sent.First, ref news);
            OutboundMessage message = chunk.Message;
            _sent.RemoveFirst();
            if (--message.Outstanding == 0 && message.IsWhollySent)
            {
                _queue.Release(message);
            }
        }
    }

    private int AcknowledgeGaps(in SackChunk sack, ref Acknowledgement news)
    {
        int highest = 0;
        int previousEnd = 0;
        for (int g = 0; g < sack.GapCount; g++)
        {
            (int start, int end) = sack.Gap(g);

            // Offsets count from the cumulative TSN, so 1 is the chunk at index 0. Blocks ascend, which bounds the work.
            if (start <= previousEnd || end < start || end > _sent.Count)
            {
                break;
            }

            previousEnd = end;
            for (int i = start - 1; i < end; i++)
            {
                ref SentChunk chunk = ref _sent[i];
                if (chunk.State is SentState.InFlight or SentState.Lost)
                {
                    Settle(ref chunk, _sent.First + i, ref news);
                    chunk.State = SentState.Acknowledged;
                    highest = i;
                }
            }
        }

        return highest;
    }

    private void Settle(ref SentChunk chunk, Tsn tsn, ref Acknowledgement news)
    {
        switch (chunk.State)
        {
            case SentState.InFlight:
                _flight -= chunk.Length;
                break;
            case SentState.Lost:
                _lost--;
                break;
            default:
                return;
        }

        news.Bytes += chunk.Length;
        TimeSpan taken = news.Now - chunk.SentAt;
        if (chunk.Transmissions == 1)
        {
            // Karn: only what was sent once tells the round trip. The newest of a batch waited least for its SACK.
            news.Sample = news.Sample is { } sample && sample < taken ? sample : taken;
        }
        else if (taken < _roundTrip.Shortest)
        {
            // Too soon to be the answer to the repetition: it says nothing of when the chunk arrived.
            return;
        }

        if (!_anyAcked || chunk.SentAt > _newestAckedSentAt || (chunk.SentAt == _newestAckedSentAt && tsn > _newestAcked))
        {
            _anyAcked = true;
            _newestAckedSentAt = chunk.SentAt;
            _newestAcked = tsn;
            _newestRoundTrip = taken;
        }
    }

    private void FindLosses(Instant now)
    {
        _reorderAt = Instant.Distant;
        if (!_anyAcked)
        {
            return;
        }

        long quarter = (_roundTrip.Smoothed ?? TimeSpan.Zero).Ticks / 4;
        TimeSpan patience = _newestRoundTrip + TimeSpan.FromTicks(Math.Max(quarter, TimeSpan.TicksPerMillisecond) * _reorderFactor);
        bool found = false;
        for (int i = 0; i < _sent.Count; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            bool sentBefore = chunk.SentAt < _newestAckedSentAt || (chunk.SentAt == _newestAckedSentAt && _sent.First + i < _newestAcked);
            if (chunk.State != SentState.InFlight || !sentBefore)
            {
                continue;
            }

            bool reported = chunk.Missing >= ReportsOfLoss && chunk.Transmissions == 1 && _reorderFactor == 1;
            if (reported || chunk.SentAt + patience <= now)
            {
                found = true;
                _stats.FastRetransmissions++;
                MarkLost(now, i);
            }
            else
            {
                _reorderAt = Instant.Min(_reorderAt, chunk.SentAt + patience);
            }
        }

        if (found && !_recovering)
        {
            _recovering = true;
            _recoveryEnd = LastAssigned;
            _forceOne = true;
            _window.Lost();
            if (++_recoveries % RecoveriesOfPatience == 0)
            {
                _reorderFactor = 1;
            }

        }
    }

    private void LoseAll(Instant now)
    {
        for (int i = 0; i < _sent.Count; i++)
        {
            if (_sent[i].State == SentState.InFlight)
            {
                MarkLost(now, i);
            }
        }

        _recovering = false;
        _forceOne = true;
        _probeDue = false;
        _probeAt = Instant.Distant;
        _reorderAt = Instant.Distant;
        _t3 = now + _roundTrip.Timeout;
        _forwardDue = _sent.Count > 0 && _sent[0].State == SentState.Abandoned;
    }

    private void MarkLost(Instant now, int index)
    {
        ref SentChunk chunk = ref _sent[index];
        if (IsExhausted(now, chunk))
        {
            GiveUp(chunk.Message);
            return;
        }

        _flight -= chunk.State == SentState.InFlight ? chunk.Length : 0;
        chunk.State = SentState.Lost;
        Tsn tsn = _sent.First + index;
        _firstLost = _lost == 0 || tsn < _firstLost ? tsn : _firstLost;
        _lost++;
    }

    private bool IsExhausted(Instant now, in SentChunk chunk) =>
        _partialReliability && (chunk.Transmissions > chunk.Message.MaxRetransmits || chunk.Message.Expires <= now);

    /// <summary>Gives a message up, sent or not (RFC 3758 §3.5 A2, A3).</summary>
    private void GiveUp(OutboundMessage message)
    {
        _stats.MessagesAbandoned++;
        if (message.Offset == 0)
        {
            _queue.DropRest(message);
            _queue.Release(message);
            return;
        }

        if (!message.IsWhollySent)
        {
            // The receiver may hold all that was sent, and no TSN would be left to tell it that no more comes:
            // one is spent that never travels.
            _queue.DropRest(message);
            message.Outstanding++;
            _sent.Add() = new SentChunk { Message = message, State = SentState.Abandoned, Transmissions = 1 };
        }

        for (int i = Math.Max(0, message.FirstTsn - _sent.First); i < _sent.Count && _sent[i].Message == message; i++)
        {
            ref SentChunk chunk = ref _sent[i];
            _flight -= chunk.State == SentState.InFlight ? chunk.Length : 0;
            _lost -= chunk.State == SentState.Lost ? 1 : 0;
            chunk.State = SentState.Abandoned;
        }

        _forwardDue = _sent[0].State == SentState.Abandoned;
    }

    private struct Acknowledgement
    {
        public Instant Now;
        public int Bytes;
        public TimeSpan? Sample;
    }
}
