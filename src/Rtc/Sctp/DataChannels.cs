namespace Bridge.Rtc.Sctp;

/// <summary>Data channels over streams: opening, messages, closing (RFC 8831, RFC 8832).</summary>
internal sealed class DataChannels
{
    /// <summary>
    /// Longest DATA_CHANNEL_OPEN that is taken or sent, in bytes; browsers' labels are far shorter, and a label stays in memory as long
    /// as its channel.
    /// </summary>
    private const int MaxOpenSize = 1024;

    private readonly SctpOptions _options;
    private readonly SctpStats _stats;
    private readonly Drops _drops;
    private readonly SctpEvents _events;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly List<DataChannel> _draining = new(0);

    private State _state;
    private SendQueue _queue;
    private StreamResets? _resets;
    private InitChunk _peer;

    public DataChannels(SctpOptions options, SctpStats stats, Drops drops, SctpEvents events, SendQueue queue)
    {
        _options = options;
        _stats = stats;
        _drops = drops;
        _events = events;
        _queue = queue;
    }

    private enum State : byte
    {
        /// <summary>The peer's limits are not known yet; channels are opened in advance.</summary>
        BeforeHandshake,
        Open,

        /// <summary>One side has asked for the end; the peer opens no channels any more.</summary>
        ShuttingDown,
    }

    /// <summary>Channels open now, closing ones included.</summary>
    public int Count => _channels.Count;

    /// <summary>Stream numbers of the channels open now.</summary>
    public ushort[] Streams => [.. _channels.Keys];

    /// <summary>Resets under way; null before the handshake.</summary>
    public StreamResets? Resets => _resets;

    /// <summary>Stream numbers below this may be used in both directions.</summary>
    private int StreamLimit => _state == State.Open
        ? Math.Min(SctpOptions.MaxStreams, Math.Min(_peer.InboundStreams, _peer.OutboundStreams))
        : SctpOptions.MaxStreams;

    /// <summary>
    /// Opens a channel; before the handshake too. False when no stream number or no room for a channel is left, or the label is too long.
    /// </summary>
    public bool TryOpen(DataChannelOptions options, out ushort stream)
    {
        stream = 0;
        if (_channels.Count >= _options.MaxChannels || DcepOpen.Size(options) > MaxOpenSize)
        {
            return false;
        }

        if (options.NegotiatedStream is { } agreed)
        {
            stream = agreed;
            if (agreed >= StreamLimit || !IsFree(agreed))
            {
                return false;
            }
        }
        else if (!TryFindStream(out stream))
        {
            return false;
        }

        DataChannel channel = new(stream, options) { Acknowledged = options.NegotiatedStream is not null };
        _channels.Add(stream, channel);
        if (options.NegotiatedStream is null)
        {
            Span<byte> open = stackalloc byte[DcepOpen.Size(options)];
            DcepOpen.Write(options, open);
            _queue.Add(channel, open, Ppid.Dcep);
        }

        if (_state == State.Open)
        {
            Announce(channel);
        }

        return true;
    }

    /// <summary>Queues a message on a channel; an empty message is one too.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        if (!_channels.TryGetValue(stream, out DataChannel? channel) || channel.Closing)
        {
            return DataSendResult.NoChannel;
        }

        if (message.Length > _options.MaxSendMessageSize)
        {
            return DataSendResult.TooLarge;
        }

        if (_queue.Held + message.Length + OutboundMessage.Overhead > _options.SendBufferSize)
        {
            return DataSendResult.BufferFull;
        }

        uint ppid = (message.IsEmpty, binary) switch
        {
            (false, true) => Ppid.Binary,
            (false, false) => Ppid.Text,
            (true, true) => Ppid.BinaryEmpty,
            _ => Ppid.TextEmpty,
        };
        OutboundMessage queued = _queue.Add(channel, message.IsEmpty ? [0] : message, ppid);
        queued.Unordered = !channel.Options.Ordered && channel.Acknowledged;
        queued.MaxRetransmits = channel.Options.MaxRetransmits ?? int.MaxValue;
        queued.Expires = channel.Options.MaxLifetime is { } life ? now + life : Instant.Distant;
        _stats.MessagesSent++;
        return DataSendResult.Queued;
    }

    /// <summary>Closes a channel after what is queued on it was sent (RFC 8831 §6.7).</summary>
    public void Close(ushort stream)
    {
        if (_channels.TryGetValue(stream, out DataChannel? channel) && !channel.Closing)
        {
            BeginClose(channel);
        }
    }

    public long BufferedAmount(ushort stream) => _channels.TryGetValue(stream, out DataChannel? channel) ? channel.Buffered : 0;

    /// <summary>
    /// The handshake is done: the channels opened in advance are announced, those on streams that the peer does not take are closed.
    /// </summary>
    public void Establish(in InitChunk peer, StreamResets resets)
    {
        _state = State.Open;
        _peer = peer;
        _resets = resets;
        foreach (DataChannel channel in _channels.Values.ToArray())
        {
            if (channel.Stream >= StreamLimit)
            {
                _queue.Clear(channel);
                _draining.Remove(channel);
                Remove(channel);
            }
            else
            {
                Announce(channel);
            }
        }
    }

    /// <summary>The association goes to its end in order: the peer opens no channels any more.</summary>
    public void ShutDown() => _state = State.ShuttingDown;

    /// <summary>Every channel is closed at once; what is opened from now on goes into another queue.</summary>
    public void CloseAll(SendQueue queue)
    {
        foreach (DataChannel channel in _channels.Values)
        {
            _events.ChannelClosed(channel.Stream);
        }

        _channels.Clear();
        _draining.Clear();
        _queue = queue;
        _resets = null;
    }

    /// <summary>Takes a whole message. False when its buffer is free again.</summary>
    public bool Receive(in InboundMessage message)
    {
        _channels.TryGetValue(message.Stream, out DataChannel? channel);
        if (message.Oversize)
        {
            _drops.Add(DropReason.MessageTooLong, 0);
            if (channel is { Closing: false })
            {
                _queue.Clear(channel);
                BeginClose(channel);
            }

            return false;
        }

        if (message.Ppid == Ppid.Dcep)
        {
            ReceiveDcep(message, channel);
            return false;
        }

        bool empty = message.Ppid is Ppid.TextEmpty or Ppid.BinaryEmpty;
        if (channel is null || channel.Closing || !(empty || message.Ppid is Ppid.Text or Ppid.Binary))
        {
            _drops.Add(DropReason.MessageUnclaimed, message.Length);
            return false;
        }

        channel.Acknowledged = true;
        _events.Message(message, empty ? 0 : message.Length, message.Ppid is Ppid.Binary or Ppid.BinaryEmpty);
        return true;
    }

    /// <summary>Asks for the reset of every closing channel that has nothing left to send.</summary>
    public void ResetDrained()
    {
        for (int i = _draining.Count - 1; i >= 0; i--)
        {
            DataChannel channel = _draining[i];
            if (!_queue.IsDrained(channel))
            {
                continue;
            }

            _draining.RemoveAt(i);
            if (_peer.ReConfig)
            {
                channel.ResetWanted = true;
                _resets!.Want(channel.Stream);
            }
            else
            {
                Remove(channel);
            }
        }
    }

    /// <summary>The peer reset its stream: what it closes, we close too (RFC 8831 §6.7).</summary>
    public void ReceivePeerReset(ushort stream)
    {
        if (!_channels.TryGetValue(stream, out DataChannel? channel))
        {
            return;
        }

        channel.IncomingReset = true;
        if (!channel.Closing)
        {
            _queue.Clear(channel);
            BeginClose(channel);
        }

        RemoveWhenReset(channel);
    }

    /// <summary>The peer performed our resets.</summary>
    public void FinishResets(ushort[]? streams)
    {
        foreach (ushort stream in streams ?? [])
        {
            if (_channels.TryGetValue(stream, out DataChannel? channel) && channel.ResetWanted)
            {
                channel.OutgoingReset = true;
                RemoveWhenReset(channel);
            }
        }
    }

    private void ReceiveDcep(in InboundMessage message, DataChannel? channel)
    {
        if (message.Length == 1 && message.Bytes[0] == DcepOpen.AckType)
        {
            if (channel is not null)
            {
                channel.Acknowledged = true;
            }

            return;
        }

        if (channel is { IncomingReset: true, ResetWanted: true })
        {
            // The peer reuses the stream, so it has seen our reset; only its answer was lost or is late.
            _resets!.Forget(channel.Stream);
            Remove(channel);
            channel = null;
        }

        if (channel is not null)
        {
            // RFC 8832 §6: an OPEN on a stream in use. The channel that is there stays.
            _drops.Add(DropReason.ChannelRefused, message.Length);
            return;
        }

        if (message.Length > MaxOpenSize || !DcepOpen.TryParse(message.Bytes, out DataChannelOptions? options)
            || message.Stream >= StreamLimit || _channels.Count >= _options.MaxChannels || _state != State.Open)
        {
            _drops.Add(DropReason.ChannelRefused, message.Length);
            if (message.Stream < StreamLimit && _peer.ReConfig)
            {
                _resets?.Want(message.Stream);
            }

            return;
        }

        channel = new DataChannel(message.Stream, options!) { Acknowledged = true };
        _channels.Add(message.Stream, channel);
        _queue.Add(channel, [DcepOpen.AckType], Ppid.Dcep);
        Announce(channel);
    }

    private bool IsFree(ushort stream) => !_channels.ContainsKey(stream) && !(_resets?.IsWanted(stream) ?? false);

    private bool TryFindStream(out ushort stream)
    {
        for (int candidate = _options.IsDtlsClient ? 0 : 1; candidate < StreamLimit; candidate += 2)
        {
            if (IsFree((ushort)candidate))
            {
                stream = (ushort)candidate;
                return true;
            }
        }

        stream = 0;
        return false;
    }

    private void Announce(DataChannel channel) => _events.ChannelOpened(channel);

    private void BeginClose(DataChannel channel)
    {
        channel.Closing = true;
        if (_state == State.BeforeHandshake && (channel.Last is null || channel.Last.Ppid == Ppid.Dcep))
        {
            // Nothing but the OPEN waits, and it has not left, so there is nothing to undo.
            _queue.Clear(channel);
            Remove(channel);
            return;
        }

        _draining.Add(channel);
    }

    private void RemoveWhenReset(DataChannel channel)
    {
        if (channel.IncomingReset && channel.OutgoingReset)
        {
            Remove(channel);
        }
    }

    private void Remove(DataChannel channel)
    {
        _channels.Remove(channel.Stream);
        _events.ChannelClosed(channel.Stream);
    }
}
