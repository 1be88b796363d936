namespace Bridge.Rtc.Sctp;

/// <summary>Which messages are given up, and FORWARD TSN that reports it to the receiver (RFC 3758).</summary>
internal sealed class PartialReliability(RoundTripEstimator roundTrip, SentChunks sent, SendQueue queue, SctpStats stats)
{
    private const int MaxStreams = 32;

    private bool _agreed;
    private Tsn _advancedTo = sent.First - 1;
    private Instant _advancedAt;

    /// <summary>Whether a FORWARD TSN is to be sent.</summary>
    public bool IsDue { get; private set; }

    private bool IsHeadAbandoned => sent.Count > 0 && sent[0].State == SentState.Abandoned;

    /// <summary>Learns from the handshake whether the peer takes FORWARD TSN; otherwise nothing is ever given up.</summary>
    public void Start(bool agreed) => _agreed = agreed;

    /// <summary>Whether a message is not to be sent for the first time any more.</summary>
    public bool IsExpired(Instant now, OutboundMessage message) => _agreed && message.Expires <= now;

    /// <summary>Whether a chunk is not to be sent again.</summary>
    public bool IsExhausted(Instant now, in SentChunk chunk) =>
        _agreed && (chunk.Transmissions > chunk.Message.MaxRetransmits || chunk.Message.Expires <= now);

    /// <summary>Takes a chunk for lost: it waits to be sent again, or its message is given up.</summary>
    public void Lose(Instant now, int index)
    {
        ref SentChunk chunk = ref sent[index];
        if (IsExhausted(now, chunk))
        {
            GiveUp(chunk.Message);
        }
        else
        {
            sent.SetState(index, SentState.Lost);
        }
    }

    /// <summary>Gives a message up, sent or not (RFC 3758 §3.5 A2, A3).</summary>
    public void GiveUp(OutboundMessage message)
    {
        stats.MessagesAbandoned++;
        if (message.Offset == 0)
        {
            queue.DropRest(message);
            queue.Release(message);
            return;
        }

        if (!message.IsWhollySent)
        {
            // The receiver may hold all that was sent, and no TSN would be left to tell it that no more comes:
            // one is used up that is never sent.
            queue.DropRest(message);
            message.Outstanding++;
            sent.Add(new SentChunk { Message = message, State = SentState.Abandoned, Transmissions = 1 });
        }

        for (int i = Math.Max(0, message.FirstTsn - sent.First); i < sent.Count && sent[i].Message == message; i++)
        {
            sent.SetState(i, SentState.Abandoned);
        }

        Refresh();
    }

    /// <summary>Sends FORWARD TSN again as soon as possible if the head is given up.</summary>
    public void Refresh() => IsDue = IsHeadAbandoned;

    /// <summary>
    /// After an acknowledgement: sends FORWARD TSN when the head is given up and the last one did not reach as far, or got no answer
    /// (§3.5 C4).
    /// </summary>
    public void Acknowledged(Instant now) =>
        IsDue |= IsHeadAbandoned && (sent.First > _advancedTo || now - _advancedAt >= (roundTrip.Smoothed ?? SctpOptions.RtoInitial));

    /// <summary>Writes FORWARD TSN for the given-up chunks at the head (§3.2, §3.5). True when it was written.</summary>
    public bool TryWrite(Instant now, ref PacketWriter packet)
    {
        Span<(ushort Stream, Ssn Ssn)> skipped = stackalloc (ushort, Ssn)[MaxStreams];
        int streams = 0;
        int count = 0;
        for (; count < sent.Count && sent[count].State == SentState.Abandoned; count++)
        {
            OutboundMessage message = sent[count].Message;
            if (message.Unordered)
            {
                continue;
            }

            int at = 0;
            while (at < streams && skipped[at].Stream != message.Channel.Stream)
            {
                at++;
            }

            if (at == MaxStreams)
            {
                break;
            }

            skipped[at] = (message.Channel.Stream, message.Ssn);
            streams = Math.Max(streams, at + 1);
        }

        if (count == 0 || packet.Room < 4 + (streams * 4))
        {
            IsDue = count > 0;
            return false;
        }

        IsDue = false;
        _advancedTo = sent.First + (count - 1);
        _advancedAt = now;
        ForwardTsnChunk.Write(ref packet, _advancedTo, skipped[..streams]);
        return true;
    }
}
