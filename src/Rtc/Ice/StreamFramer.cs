using System.Buffers.Binary;

namespace Bridge.Rtc.Ice;

/// <summary>
/// Cuts a TCP stream into datagrams; RFC 4571 §2: each is preceded by its length in 16 bits, big-endian.
/// The owner of the connection receives into <see cref="Free"/>, says how much came with <see cref="Commit"/>, and takes
/// datagrams until there are none.
/// </summary>
public sealed class StreamFramer
{
    /// <summary>Bytes before each datagram.</summary>
    public const int HeaderSize = 2;

    /// <summary>The longest datagram taken. Everything WebRTC sends fits an Ethernet packet; a longer one is no friend.</summary>
    public const int MaxDatagram = 2048;

    private readonly byte[] _buffer = new byte[2 * (HeaderSize + MaxDatagram)];
    private int _start;
    private int _end;

    /// <summary>
    /// The stream announced a datagram longer than <see cref="MaxDatagram"/>: it is out of step for good and must be closed.
    /// </summary>
    public bool IsBroken { get; private set; }

    /// <summary>Where to receive; never empty once <see cref="TryTake"/> has returned false.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>Writes the header of a datagram that follows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length does not fit 16 bits.</exception>
    public static void WriteHeader(Span<byte> header, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ushort.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)length);
    }

    /// <summary>Says how many bytes were received into <see cref="Free"/>.</summary>
    public void Commit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += count;
    }

    /// <summary>Takes the next whole datagram; valid until <see cref="Free"/> is asked for again. An empty one is skipped.</summary>
    public bool TryTake(out Span<byte> datagram)
    {
        datagram = default;
        while (!IsBroken && _end - _start >= HeaderSize)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
            if (length > MaxDatagram)
            {
                IsBroken = true;
                return false;
            }

            if (_end - _start - HeaderSize < length)
            {
                return false;
            }

            datagram = _buffer.AsSpan(_start + HeaderSize, length);
            _start += HeaderSize + length;
            if (length > 0)
            {
                return true;
            }
        }

        return false;
    }
}
