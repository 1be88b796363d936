namespace Bridge.Downlink;

/// <summary>A few packets on their way to the transcoder, in fixed memory. Guarded by its owner.</summary>
internal sealed class DetourQueue
{
    private const int Capacity = 16; // 320 ms: a pool that is later than that has other worries

    private readonly DetourPacket[] _packets = new DetourPacket[Capacity];
    private int _head;

    /// <summary>Packets that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one; when it is full the packet is lost, as late audio is worth nothing.</summary>
    /// <param name="packet">Its place in its track; its bytes are copied from <paramref name="bytes"/>.</param>
    /// <param name="bytes">At most 1275.</param>
    public void Add(in DetourPacket packet, ReadOnlySpan<byte> bytes)
    {
        if (Count == Capacity)
        {
            return;
        }

        ref var slot = ref _packets[(_head + Count++) % Capacity];
        var memory = slot.Bytes ?? new byte[1275];
        slot = packet;
        slot.Bytes = memory;
        slot.Length = bytes.Length;
        bytes.CopyTo(memory);
    }

    /// <summary>Takes the oldest: its bytes are copied into those of <paramref name="packet"/>.</summary>
    public bool TryTake(ref DetourPacket packet)
    {
        if (Count == 0)
        {
            return false;
        }

        var memory = packet.Bytes;
        packet = _packets[_head];
        packet.Bytes.AsSpan(0, packet.Length).CopyTo(memory);
        packet.Bytes = memory;
        _packets[_head].Peer = null;
        _head = (_head + 1) % Capacity;
        Count--;
        return true;
    }
}
