namespace Bridge.Transport;

/// <summary>
/// A few audio packets that wait for the holder of a peer to send them. Fixed memory; more than fit are dropped, as late audio is worth
/// nothing.
/// </summary>
internal sealed class WaitingAudio
{
    /// <summary>Longest packet taken, bytes: any Opus packet of 20 ms fits (RFC 6716 §3.2.1).</summary>
    public const int LargestPacket = 1275;

    private const int Slots = 4;

    private readonly Lock _gate = new();
    private readonly Slot[] _slots = new Slot[Slots];
    private int _head;
    private volatile int _count;

    /// <summary>True when nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Adds a packet; false when it is too long or the slots are full.</summary>
    public bool TryEnqueue(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        lock (_gate)
        {
            if (_count == Slots || packet.Length > LargestPacket)
            {
                return false;
            }

            ref var slot = ref _slots[(_head + _count) % Slots];
            slot.Bytes ??= new byte[LargestPacket];
            packet.CopyTo(slot.Bytes);
            slot.Length = packet.Length;
            slot.Timestamp = rtpTimestamp;
            slot.Marker = marker;
            _count++;
            return true;
        }
    }

    /// <summary>Takes the oldest packet.</summary>
    public bool TryDequeue(Span<byte> packet, out int length, out uint rtpTimestamp, out bool marker)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                (length, rtpTimestamp, marker) = (0, 0, false);
                return false;
            }

            ref var slot = ref _slots[_head];
            slot.Bytes.AsSpan(0, slot.Length).CopyTo(packet);
            (length, rtpTimestamp, marker) = (slot.Length, slot.Timestamp, slot.Marker);
            _head = (_head + 1) % Slots;
            _count--;
            return true;
        }
    }

    private struct Slot
    {
        public byte[]? Bytes;
        public int Length;
        public uint Timestamp;
        public bool Marker;
    }
}
