using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>A DATA chunk (RFC 9260 §3.3.1).</summary>
/// <remarks>
/// <code>
/// |   Type = 0    |  Res  |I|U|B|E|            Length             |
/// |                              TSN                              |
/// |      Stream Identifier        |   Stream Sequence Number      |
/// |                  Payload Protocol Identifier                  |
/// |                          User Data                            |
/// </code>
/// </remarks>
internal readonly ref struct DataChunk
{
    public const byte End = 1;
    public const byte Begin = 2;
    public const byte Unordered = 4;
    public const byte Immediate = 8;

    /// <summary>Bytes of the chunk before the user data, chunk header included.</summary>
    public const int Overhead = 16;

    public readonly Tsn Tsn;
    public readonly ushort Stream;
    public readonly Ssn Ssn;
    public readonly uint Ppid;
    public readonly byte Flags;
    public readonly ReadOnlySpan<byte> Payload;

    private DataChunk(in Chunk chunk)
    {
        Tsn = new Tsn(BinaryPrimitives.ReadUInt32BigEndian(chunk.Value));
        Stream = BinaryPrimitives.ReadUInt16BigEndian(chunk.Value[4..]);
        Ssn = new Ssn(BinaryPrimitives.ReadUInt16BigEndian(chunk.Value[6..]));
        Ppid = BinaryPrimitives.ReadUInt32BigEndian(chunk.Value[8..]);
        Flags = chunk.Flags;
        Payload = chunk.Value[12..];
    }

    public static bool TryParse(in Chunk chunk, out DataChunk data)
    {
        data = default;
        if (chunk.Value.Length < Overhead - 4)
        {
            return false;
        }

        data = new DataChunk(chunk);
        return true;
    }

    public static void Write(
        ref PacketWriter packet, byte flags, Tsn tsn, ushort stream, Ssn ssn, uint ppid, scoped ReadOnlySpan<byte> payload)
    {
        Span<byte> value = packet.Append(ChunkType.Data, flags, Overhead - 4 + payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn.Value);
        BinaryPrimitives.WriteUInt16BigEndian(value[4..], stream);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], ssn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], ppid);
        payload.CopyTo(value[12..]);
    }
}
