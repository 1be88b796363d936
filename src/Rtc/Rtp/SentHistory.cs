using System.Buffers;

namespace Bridge.Rtc.Rtp;

/// <summary>
/// The latest protected packets, to be sent again as they are; RFC 4585 §6.2.1. Without RTX a repeated packet is the same packet, so the
/// very same bytes leave.
/// </summary>
internal sealed class SentHistory
{
    private const int Capacity = 64;

    private static readonly TimeSpan ShortestRepeat = TimeSpan.FromMilliseconds(10);

    private readonly Entry[] _entries = new Entry[Capacity];

    public void Add(Instant now, SequenceNumber sequence, ReadOnlySpan<byte> packet)
    {
        ref Entry entry = ref _entries[sequence.Value % Capacity];
        if (entry.Buffer is null || entry.Buffer.Length < packet.Length)
        {
            if (entry.Buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(entry.Buffer);
            }

            entry.Buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        }

        packet.CopyTo(entry.Buffer);
        entry.Length = packet.Length;
        entry.Sequence = sequence;
        entry.LastSent = now;
    }

    /// <summary>The packet of a number; empty when it is gone or left a moment ago.</summary>
    public ReadOnlySpan<byte> Take(Instant now, SequenceNumber sequence)
    {
        ref Entry entry = ref _entries[sequence.Value % Capacity];
        if (entry.Buffer is null || entry.Sequence != sequence || now - entry.LastSent < ShortestRepeat)
        {
            return default;
        }

        entry.LastSent = now;
        return entry.Buffer.AsSpan(0, entry.Length);
    }

    public void Release()
    {
        foreach (ref Entry entry in _entries.AsSpan())
        {
            if (entry.Buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(entry.Buffer);
            }

            entry = default;
        }
    }

    private struct Entry
    {
        public byte[]? Buffer;
        public int Length;
        public SequenceNumber Sequence;
        public Instant LastSent;
    }
}
