namespace Bridge.Rtc.Sctp;

/// <summary>One data channel: a stream in each direction, and what waits to be sent on it.</summary>
internal sealed class DataChannel(ushort stream, DataChannelOptions options)
{
    public ushort Stream { get; } = stream;

    public DataChannelOptions Options { get; } = options;

    /// <summary>Takes no more messages; closes when its queue is empty and both streams are reset.</summary>
    public bool Closing;

    /// <summary>The reset of our stream has been asked for.</summary>
    public bool ResetWanted;

    /// <summary>Our stream was reset and the peer said so.</summary>
    public bool OutgoingReset;

    /// <summary>The peer reset its stream.</summary>
    public bool IncomingReset;

    /// <summary>
    /// Until the peer shows that it knows the channel, messages go in order, so that none overtakes the OPEN (RFC 8832 §6).
    /// </summary>
    public bool Acknowledged;

    /// <summary>The SSN of the next ordered message.</summary>
    private Ssn _nextSsn;

    public OutboundMessage? First;
    public OutboundMessage? Last;

    /// <summary>Whether it stands in the round of channels with something to send.</summary>
    public bool InRound;

    /// <summary>Bytes of user messages not yet sent for the first time.</summary>
    public long Buffered;

    public bool HasQueued => First is not null;

    /// <summary>The SSN for one more ordered message.</summary>
    public Ssn TakeSsn()
    {
        Ssn ssn = _nextSsn;
        _nextSsn = ssn.Next;
        return ssn;
    }

    public void Enqueue(OutboundMessage message)
    {
        if (Last is null)
        {
            First = message;
        }
        else
        {
            Last.Next = message;
        }

        Last = message;
    }

    public OutboundMessage Dequeue()
    {
        OutboundMessage message = First!;
        First = message.Next;
        Last = First is null ? null : Last;
        message.Next = null;
        return message;
    }
}
