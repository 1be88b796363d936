using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>Data channels over streams (RFC 8831, RFC 8832).</summary>
public sealed partial class SctpAssociation
{
    /// <summary>Longest OPEN we take or send; browsers' labels are far shorter, and a label stays in memory as long as its channel.</summary>
    private const int LongestOpen = 1024;

    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly List<DataChannel> _draining = new(0);

    /// <summary>Channels open now, closing ones included.</summary>
    public int ChannelCount => _channels.Count;

    /// <summary>Opens a channel; before the handshake too. False when no stream number or no room for a channel is left, the label is too long, or the association has ended.</summary>
    public bool TryOpenChannel(Instant now, DataChannelOptions options, out ushort stream)
    {
        ArgumentNullException.ThrowIfNull(options);
        stream = 0;
        if (!IsUsable || _channels.Count >= _options.MaxChannels || DcepOpen.Size(options) > LongestOpen)
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
            _sender.Queue.Add(channel, open, Ppid.Dcep);
        }

        if (_phase == Phase.Established)
        {
            Announce(channel);
        }

        return true;
    }

    /// <summary>Queues a message on a channel; an empty message is one too.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        if (!IsUsable)
        {
            return DataSendResult.Closed;
        }

        if (!_channels.TryGetValue(stream, out DataChannel? channel) || channel.Closing)
        {
            return DataSendResult.NoChannel;
        }

        if (message.Length > _options.MaxSendMessageSize)
        {
            return DataSendResult.TooLarge;
        }

        if (_sender.Queue.Held + message.Length + OutboundMessage.Overhead > _options.SendBufferSize)
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
        OutboundMessage queued = _sender.Queue.Add(channel, message.IsEmpty ? [0] : message, ppid);
        queued.Unordered = !channel.Options.Ordered && channel.Acknowledged;
        queued.MaxRetransmits = channel.Options.MaxRetransmits ?? int.MaxValue;
        queued.Expires = channel.Options.MaxLifetime is { } life ? now + life : Instant.Distant;
        _stats.MessagesSent++;
        return DataSendResult.Queued;
    }

    /// <summary>Closes a channel after what is queued on it was sent (RFC 8831 §6.7). <see cref="ISctpSink.ChannelClosed"/> follows.</summary>
    public void CloseChannel(Instant now, ushort stream)
    {
        if (_channels.TryGetValue(stream, out DataChannel? channel) && !channel.Closing)
        {
            BeginClose(channel);
        }
    }

    /// <summary>Bytes queued on a channel and not yet sent for the first time; 0 for no such channel.</summary>
    public long BufferedAmount(ushort stream) => _channels.TryGetValue(stream, out DataChannel? channel) ? channel.Buffered : 0;

    /// <summary>Sets at which <see cref="BufferedAmount"/> <see cref="ISctpSink.BufferedAmountLow"/> is raised; 0 at first.</summary>
    public void SetBufferedAmountLowThreshold(ushort stream, long bytes)
    {
        if (_channels.TryGetValue(stream, out DataChannel? channel))
        {
            channel.LowThreshold = bytes;
        }
    }

    private bool IsUsable => _phase <= Phase.Established;

    /// <summary>Stream numbers below this may be used in both directions.</summary>
    private int StreamLimit => _phase == Phase.Established
        ? Math.Min((int)_options.MaxStreams, Math.Min(_peer.InboundStreams, _peer.OutboundStreams))
        : _options.MaxStreams;

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

    private void AnnounceChannels()
    {
        foreach (DataChannel channel in _channels.Values.ToArray())
        {
            if (channel.Stream >= StreamLimit)
            {
                // Picked before the handshake told how many streams the peer takes.
                _sender.Queue.Clear(channel);
                _draining.Remove(channel);
                Remove(channel);
            }
            else
            {
                Announce(channel);
            }
        }
    }

    private void Announce(DataChannel channel)
    {
        channel.Announced = true;
        _events.ChannelOpened(channel);
    }

    private void TakeMessages(Instant now)
    {
        while (_receiver is not null && _receiver.TryTakeMessage(out InboundMessage message))
        {
            if (!TakeMessage(message))
            {
                ArrayPool<byte>.Shared.Return(message.Buffer);
            }
        }

        if (_receiver is null)
        {
            _tookData = false;
        }
    }

    /// <summary>Takes a whole message. False when its buffer is free again.</summary>
    private bool TakeMessage(in InboundMessage message)
    {
        _channels.TryGetValue(message.Stream, out DataChannel? channel);
        if (message.Oversize)
        {
            _stats.MessagesOversize++;
            if (channel is { Closing: false })
            {
                _sender.Queue.Clear(channel);
                BeginClose(channel);
            }

            return false;
        }

        if (message.Ppid == Ppid.Dcep)
        {
            TakeDcep(message, channel);
            return false;
        }

        bool empty = message.Ppid is Ppid.TextEmpty or Ppid.BinaryEmpty;
        if (channel is null || channel.Closing || !(empty || message.Ppid is Ppid.Text or Ppid.Binary))
        {
            _stats.MessagesUnclaimed++;
            return false;
        }

        channel.Acknowledged = true;
        _events.Message(message, empty ? 0 : message.Length, message.Ppid is Ppid.Binary or Ppid.BinaryEmpty);
        return true;
    }

    private void TakeDcep(in InboundMessage message, DataChannel? channel)
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
            _stats.ChannelsRefused++;
            return;
        }

        if (message.Length > LongestOpen || !DcepOpen.TryParse(message.Bytes, out DataChannelOptions? options)
            || message.Stream >= StreamLimit || _channels.Count >= _options.MaxChannels || _phase != Phase.Established)
        {
            _stats.ChannelsRefused++;
            if (message.Stream < StreamLimit && _peer.ReConfig)
            {
                _resets?.Want(message.Stream);
            }

            return;
        }

        channel = new DataChannel(message.Stream, options!) { Acknowledged = true };
        _channels.Add(message.Stream, channel);
        _sender.Queue.Add(channel, [DcepOpen.AckType], Ppid.Dcep);
        Announce(channel);
    }

    private void BeginClose(DataChannel channel)
    {
        channel.Closing = true;
        if (_phase < Phase.Established && (channel.Last is null || channel.Last.Ppid == Ppid.Dcep))
        {
            // Nothing but the OPEN waits, and it has not left, so there is nothing to undo.
            _sender.Queue.Clear(channel);
            Remove(channel);
            return;
        }

        _draining.Add(channel);
    }

    /// <summary>Asks for the reset of every closing channel that has nothing left to send.</summary>
    private void ResetDrained()
    {
        for (int i = _draining.Count - 1; i >= 0; i--)
        {
            DataChannel channel = _draining[i];
            if (!_sender.Queue.IsDrained(channel))
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

    /// <summary>The peer reset its streams: what it closes, we close too (RFC 8831 §6.7).</summary>
    private void TakeIncomingReset(ushort[]? streams)
    {
        if (streams is null)
        {
            return;
        }

        if (streams.Length == 0)
        {
            _receiver!.ResetAllStreams();
            streams = [.. _channels.Keys];
        }

        foreach (ushort stream in streams)
        {
            _receiver!.ResetStream(stream);
            if (!_channels.TryGetValue(stream, out DataChannel? channel))
            {
                continue;
            }

            channel.IncomingReset = true;
            if (!channel.Closing)
            {
                _sender.Queue.Clear(channel);
                BeginClose(channel);
            }

            RemoveWhenReset(channel);
        }
    }

    private void PerformDeferredReset()
    {
        if (_receiver is not null)
        {
            TakeIncomingReset(_resets?.TakeDeferred(_receiver.Cumulative));
        }
    }

    private void FinishOutgoingReset(ushort[]? streams)
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

    private void CloseEveryChannel()
    {
        foreach (DataChannel channel in _channels.Values)
        {
            _events.ChannelClosed(channel.Stream);
        }

        _channels.Clear();
        _draining.Clear();
    }
}
