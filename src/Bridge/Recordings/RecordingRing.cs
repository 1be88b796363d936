using System.Buffers.Binary;

namespace Bridge.Recordings;

/// <summary>
/// Packets of one side of a recorded call on their way from the audio path to the task that writes them: a ring of bytes with one writer
/// and one reader. Neither waits for the other, nothing is allocated; what finds no room is counted.
/// </summary>
internal sealed class RecordingRing
{
    /// <summary>Bytes that it holds: seconds of the fastest Opus, while the disk stands still.</summary>
    public const int Size = 64 * 1024;

    /// <summary>The largest packet that it takes.</summary>
    public const int MaxPayload = 1_500;

    private const int HeaderBytes = 18;
    private readonly byte[] _ring = new byte[Size];
    private long _written; // bytes since the start; by the writer
    private long _read; // by the reader
    private long _dropped;
    private int _adding;

    /// <summary>Packets that found no room.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a packet.</summary>
    /// <param name="at">Time since the recording began.</param>
    /// <param name="source">Its RTP source.</param>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="payload">Its Opus packet.</param>
    public void Add(TimeSpan at, uint source, uint timestamp, ReadOnlySpan<byte> payload)
    {
        // Two peers of a call may both deliver for a moment, when one takes over from the other.
        if (Interlocked.Exchange(ref _adding, 1) != 0)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        if (payload.Length > MaxPayload || _written - Volatile.Read(ref _read) + HeaderBytes + payload.Length > Size)
        {
            Interlocked.Increment(ref _dropped);
        }
        else
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)payload.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[2..], source);
            BinaryPrimitives.WriteUInt32LittleEndian(header[6..], timestamp);
            BinaryPrimitives.WriteInt64LittleEndian(header[10..], at.Ticks);
            Put(_written, header);
            Put(_written + HeaderBytes, payload);
            Volatile.Write(ref _written, _written + HeaderBytes + payload.Length);
        }

        Volatile.Write(ref _adding, 0);
    }

    /// <summary>Takes the oldest packet into a buffer of <see cref="MaxPayload"/> bytes; its length, or -1 when there is none.</summary>
    public int Take(Span<byte> payload, out TimeSpan at, out uint source, out uint timestamp)
    {
        (at, source, timestamp) = (default, 0, 0);
        if (Volatile.Read(ref _written) == _read)
        {
            return -1;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        Get(_read, header);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(header);
        source = BinaryPrimitives.ReadUInt32LittleEndian(header[2..]);
        timestamp = BinaryPrimitives.ReadUInt32LittleEndian(header[6..]);
        at = new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(header[10..]));
        Get(_read + HeaderBytes, payload[..length]);
        Volatile.Write(ref _read, _read + HeaderBytes + length);
        return length;
    }

    private void Put(long position, ReadOnlySpan<byte> bytes)
    {
        var at = (int)(position % Size);
        var first = Math.Min(bytes.Length, Size - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
    }

    private void Get(long position, Span<byte> bytes)
    {
        var at = (int)(position % Size);
        var first = Math.Min(bytes.Length, Size - at);
        _ring.AsSpan(at, first).CopyTo(bytes);
        _ring.AsSpan(0, bytes.Length - first).CopyTo(bytes[first..]);
    }
}
