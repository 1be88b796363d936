namespace Bridge.Audio.Playout;

/// <summary>
/// The latest packets of a stream, copied into fixed memory. A decoder that begins in the middle needs some before it is right.
/// </summary>
internal sealed class PacketHistory
{
    private const int Capacity = 8;
    private const int MaxPacket = 1275;

    private readonly byte[] _bytes = new byte[Capacity * MaxPacket];
    private readonly int[] _lengths = new int[Capacity];
    private int _next;

    /// <summary>Packets kept.</summary>
    internal int Count { get; private set; }

    /// <summary>One of them, the oldest at 0.</summary>
    internal ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int slot = (_next - Count + index + Capacity) % Capacity;
            return _bytes.AsSpan(slot * MaxPacket, _lengths[slot]);
        }
    }

    /// <summary>Keeps a packet; the oldest gives way.</summary>
    internal void Add(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(_bytes.AsSpan(_next * MaxPacket, MaxPacket));
        _lengths[_next] = packet.Length;
        _next = (_next + 1) % Capacity;
        Count = Math.Min(Count + 1, Capacity);
    }

    /// <summary>Forgets them: the stream is interrupted.</summary>
    internal void Clear() => Count = 0;
}
