namespace Bridge.Audio.Playout;

/// <summary>Encoded packets in order, in one growing ring of bytes: nothing is allocated per packet.</summary>
internal sealed class PacketRing
{
    private Entry[] _entries = new Entry[64];
    private byte[] _bytes = new byte[16 * 1024];
    private int _head;
    private int _byteHead;
    private int _byteCount;

    internal int Count { get; private set; }

    /// <summary>The packet that comes next; only when there is one.</summary>
    internal ref readonly Entry First => ref _entries[_head];

    internal void Enqueue(ReadOnlySpan<byte> packet, PlayoutItem? item, long start, int length, int delay, int level)
    {
        if (Count == _entries.Length)
        {
            GrowEntries();
        }

        if (_byteCount + packet.Length > _bytes.Length)
        {
            GrowBytes(_byteCount + packet.Length);
        }

        int at = (_byteHead + _byteCount) % _bytes.Length;
        int first = Math.Min(packet.Length, _bytes.Length - at);
        packet[..first].CopyTo(_bytes.AsSpan(at));
        packet[first..].CopyTo(_bytes);
        _byteCount += packet.Length;
        _entries[(_head + Count) % _entries.Length] = new Entry(packet.Length, item, start, length, delay, level);
        Count++;
    }

    internal bool TryDequeue(Span<byte> packet, out Entry entry)
    {
        if (Count == 0)
        {
            entry = default;
            return false;
        }

        entry = _entries[_head];
        if (packet.Length < entry.Bytes)
        {
            throw new ArgumentException($"The packet has {entry.Bytes} bytes.", nameof(packet));
        }

        int first = Math.Min(entry.Bytes, _bytes.Length - _byteHead);
        _bytes.AsSpan(_byteHead, first).CopyTo(packet);
        _bytes.AsSpan(0, entry.Bytes - first).CopyTo(packet[first..]);
        _byteHead = (_byteHead + entry.Bytes) % _bytes.Length;
        _byteCount -= entry.Bytes;
        _entries[_head] = default;
        _head = (_head + 1) % _entries.Length;
        Count--;
        return true;
    }

    internal void Clear()
    {
        Array.Clear(_entries);
        _head = _byteHead = _byteCount = Count = 0;
    }

    private void GrowEntries()
    {
        var grown = new Entry[_entries.Length * 2];
        for (int i = 0; i < Count; i++)
        {
            grown[i] = _entries[(_head + i) % _entries.Length];
        }

        _entries = grown;
        _head = 0;
    }

    private void GrowBytes(int needed)
    {
        var grown = new byte[Math.Max(needed, _bytes.Length * 2)];
        int first = Math.Min(_byteCount, _bytes.Length - _byteHead);
        _bytes.AsSpan(_byteHead, first).CopyTo(grown);
        _bytes.AsSpan(0, _byteCount - first).CopyTo(grown.AsSpan(first));
        _bytes = grown;
        _byteHead = 0;
    }

    /// <param name="Bytes">Length of the packet; 0 for a tick on which nothing is sent (DTX).</param>
    /// <param name="Item">The item in it; null for silence of our own.</param>
    /// <param name="Start">Offset of its first sample in the item, 24 kHz.</param>
    /// <param name="Length">Samples of the item in it, 24 kHz.</param>
    /// <param name="Delay">Samples of 24 kHz by which the codec delays it.</param>
    /// <param name="Level">How loud it is, dBov.</param>
    internal readonly record struct Entry(int Bytes, PlayoutItem? Item, long Start, int Length, int Delay, int Level);
}
