using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>Lays chunks into one packet (RFC 9260 §3).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// |     Source Port Number        |     Destination Port Number   |
/// |                      Verification Tag                         |
/// |                           Checksum                            |
/// |                           Chunks...                           |
/// </code>
/// </remarks>
internal ref struct PacketWriter
{
    public const int HeaderSize = 12;

    private readonly Span<byte> _buffer;
    private int _length;
    private int _lastDataFlags;
    private bool _needsChecksum;

    public PacketWriter(Span<byte> buffer, ushort sourcePort, ushort destinationPort, uint tag)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], tag);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], 0);
        _length = HeaderSize;
    }

    public readonly bool IsEmpty => _length == HeaderSize;

    public readonly bool HasData => _lastDataFlags != 0;

    /// <summary>Bytes so far, the common header counted.</summary>
    public readonly int Length => _length;

    /// <summary>Bytes that a chunk's value may still have.</summary>
    public readonly int Room => _buffer.Length - _length - 4;

    /// <summary>Appends a chunk and returns the place of its value. The caller has asked <see cref="Room"/> before.</summary>
    public Span<byte> Append(ChunkType type, byte flags, int valueLength)
    {
        // A packet that carries INIT or COOKIE ECHO keeps its checksum whatever was agreed (RFC 9653 §5.2).
        _needsChecksum |= type is ChunkType.Init or ChunkType.InitAck or ChunkType.CookieEcho;
        _lastDataFlags = type == ChunkType.Data ? _length + 1 : _lastDataFlags;
        Span<byte> chunk = _buffer[_length..];
        chunk[0] = (byte)type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)(4 + valueLength));
        int padded = (4 + valueLength + 3) & ~3;
        chunk[(4 + valueLength)..padded].Clear();
        _length += padded;
        return chunk.Slice(4, valueLength);
    }

    /// <summary>Sets the I bit on the last DATA chunk: the receiver is not to delay its SACK (RFC 9260 §3.3.1).</summary>
    public readonly void AskForPromptSack() => _buffer[_lastDataFlags] |= DataChunk.Immediate;

    /// <summary>The finished packet.</summary>
    public readonly ReadOnlySpan<byte> Finish(bool withoutChecksum)
    {
        ReadOnlySpan<byte> packet = _buffer[.._length];
        if (_needsChecksum || !withoutChecksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer[8..], Crc32c.ComputePacket(packet));
        }

        return packet;
    }
}
