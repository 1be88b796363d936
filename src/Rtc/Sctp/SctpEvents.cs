using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>
/// The events since the last <see cref="SctpAssociation.Advance"/>, in order. Bounded by what its owner receives
/// between two calls; the bytes held count against the receiver window.
/// </summary>
internal sealed class SctpEvents(SctpStats stats)
{
    private readonly Queue<Entry> _entries = new(0);

    private enum Kind : byte
    {
        Established,
        Opened,
        Closed,
        Message,
        Low,
        Ended,
    }

    /// <summary>Bytes of messages not yet handed over.</summary>
    public long Held { get; private set; }

    public void Established() => _entries.Enqueue(new Entry { Kind = Kind.Established });

    public void ChannelOpened(DataChannel channel) =>
        _entries.Enqueue(new Entry { Kind = Kind.Opened, Stream = channel.Stream, Channel = channel.Options });

    public void ChannelClosed(ushort stream) => _entries.Enqueue(new Entry { Kind = Kind.Closed, Stream = stream });

    public void BufferedAmountLow(ushort stream) => _entries.Enqueue(new Entry { Kind = Kind.Low, Stream = stream });

    public void Ended(SctpCloseReason reason) => _entries.Enqueue(new Entry { Kind = Kind.Ended, Reason = reason });

    /// <summary>Takes over a message with its pooled buffer.</summary>
    public void Message(in InboundMessage message, int length, bool binary)
    {
        Held += message.Length;
        _entries.Enqueue(new Entry
        {
            Kind = Kind.Message,
            Stream = message.Stream,
            Buffer = message.Buffer,
            Length = length,
            Weight = message.Length,
            Binary = binary,
        });
    }

    public void Drain(ISctpSink sink)
    {
        while (_entries.TryDequeue(out Entry entry))
        {
            switch (entry.Kind)
            {
                case Kind.Established:
                    sink.Established();
                    break;
                case Kind.Opened:
                    sink.ChannelOpened(entry.Stream, entry.Channel!);
                    break;
                case Kind.Closed:
                    sink.ChannelClosed(entry.Stream);
                    break;
                case Kind.Low:
                    sink.BufferedAmountLow(entry.Stream);
                    break;
                case Kind.Ended:
                    sink.Closed(entry.Reason);
                    break;
                default:
                    stats.MessagesReceived++;
                    Held -= entry.Weight;
                    sink.Message(entry.Stream, entry.Buffer.AsSpan(0, entry.Length), entry.Binary);
                    ArrayPool<byte>.Shared.Return(entry.Buffer!);
                    break;
            }
        }
    }

    private struct Entry
    {
        public Kind Kind;
        public bool Binary;
        public ushort Stream;
        public SctpCloseReason Reason;
        public int Length;
        public int Weight;
        public byte[]? Buffer;
        public DataChannelOptions? Channel;
    }
}
