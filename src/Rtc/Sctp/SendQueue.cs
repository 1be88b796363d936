namespace Bridge.Rtc.Sctp;

/// <summary>
/// The messages that wait to be sent for the first time, over all channels. Channels take turns message by message; the chunks of
/// one message stay together, as they must without I-DATA (RFC 9260 §6.9).
/// </summary>
internal sealed class SendQueue(SctpEvents events)
{
    private const int MaxSpares = 16;

    private readonly Queue<DataChannel> _round = new(0);
    private readonly Stack<OutboundMessage> _spares = new(0);
    private OutboundMessage? _current;

    /// <summary>Bytes held: queued and sent but unacknowledged, with what each message costs beside.</summary>
    public long Held { get; private set; }

    public bool IsEmpty => _current is null && _round.Count == 0;

    /// <summary>Takes a message; user messages count for their channel's buffered amount.</summary>
    public OutboundMessage Add(DataChannel channel, ReadOnlySpan<byte> bytes, uint ppid)
    {
        OutboundMessage message = _spares.TryPop(out OutboundMessage? spare) ? spare : new OutboundMessage();
        message.Set(channel, bytes, ppid);
        Held += bytes.Length + OutboundMessage.Overhead;
        channel.Buffered += CountedLength(message);
        channel.Enqueue(message);
        if (!channel.InRound)
        {
            channel.InRound = true;
            _round.Enqueue(channel);
        }

        return message;
    }

    /// <summary>The message whose bytes are to be sent next; null when nothing waits.</summary>
    public OutboundMessage? Peek()
    {
        while (_current is null && _round.TryDequeue(out DataChannel? channel))
        {
            if (!channel.HasQueued)
            {
                channel.InRound = false;
                continue;
            }

            _current = channel.Dequeue();
            channel.InRound = channel.HasQueued;
            if (channel.InRound)
            {
                _round.Enqueue(channel);
            }
        }

        return _current;
    }

    /// <summary>Notes that bytes of the current message were cut into a chunk.</summary>
    public void Advance(OutboundMessage message, int bytes)
    {
        message.Offset += bytes;
        if (CountedLength(message) > 0)
        {
            Uncount(message.Channel, bytes);
        }

        if (message.IsWhollySent)
        {
            _current = null;
        }
    }

    /// <summary>Gives up what was not yet sent of the current message.</summary>
    public void DropRest(OutboundMessage message) => Advance(message, message.Length - message.Offset);

    /// <summary>Drops what waits on a channel, except the message whose first chunks have left.</summary>
    public void Clear(DataChannel channel)
    {
        while (channel.HasQueued)
        {
            OutboundMessage message = channel.Dequeue();
            Uncount(channel, CountedLength(message));
            Release(message);
        }
    }

    /// <summary>Whether nothing of this channel waits any more.</summary>
    public bool IsDrained(DataChannel channel) => !channel.HasQueued && (_current is null || _current.Channel != channel);

    /// <summary>Gives back a message that nothing refers to any more.</summary>
    public void Release(OutboundMessage message)
    {
        Held -= message.Length + OutboundMessage.Overhead;
        message.Release();
        if (_spares.Count < MaxSpares)
        {
            _spares.Push(message);
        }
    }

    private void Uncount(DataChannel channel, int bytes)
    {
        bool hadSome = channel.Buffered > 0;
        channel.Buffered -= bytes;
        if (hadSome && channel.Buffered <= 0 && !channel.Closing)
        {
            events.BufferedAmountLow(channel.Stream);
        }
    }

    private static int CountedLength(OutboundMessage message) => message.Ppid is Ppid.Text or Ppid.Binary ? message.Length : 0;
}
