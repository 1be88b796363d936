using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>One chunk of a packet, or one parameter of a chunk: they share the shape type, flags, length, value.</summary>
internal readonly ref struct Chunk(ChunkType type, byte flags, ReadOnlySpan<byte> value)
{
    public readonly ChunkType Type = type;
    public readonly byte Flags = flags;
    public readonly ReadOnlySpan<byte> Value = value;
}

/// <summary>Walks over the chunks of a packet (RFC 9260 §3.2). Never reads past the end, never throws.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// |   Chunk Type  |  Chunk Flags  |         Chunk Length          |  length counts this header, not the padding
/// |                         Chunk Value, padded to 4              |
/// </code>
/// </remarks>
internal ref struct ChunkReader(ReadOnlySpan<byte> chunks)
{
    private ReadOnlySpan<byte> _rest = chunks;

    /// <summary>Whether the iteration ended because a length field was invalid.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Whether nothing follows the chunk read last.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    public bool TryRead(out Chunk chunk)
    {
        chunk = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (_rest.Length < 4)
        {
            return Fail();
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < 4 || length > _rest.Length)
        {
            return Fail();
        }

        chunk = new Chunk((ChunkType)_rest[0], _rest[1], _rest[4..length]);
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
