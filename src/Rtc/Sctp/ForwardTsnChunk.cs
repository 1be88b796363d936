using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>A FORWARD TSN chunk (RFC 3758 §3.2): "consider everything up to here received".</summary>
/// <remarks>
/// <code>
/// |                      New Cumulative TSN                       |
/// |         Stream-1              |       Stream Sequence-1       |  ordered streams only, N times
/// </code>
/// </remarks>
internal readonly ref struct ForwardTsnChunk
{
    public readonly Tsn Cumulative;
    private readonly ReadOnlySpan<byte> _streams;

    private ForwardTsnChunk(ReadOnlySpan<byte> value)
    {
        Cumulative = new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value));
        _streams = value[4..];
    }

    public int StreamCount => _streams.Length / 4;

    public (ushort Stream, Ssn Ssn) Skipped(int index) => (
        BinaryPrimitives.ReadUInt16BigEndian(_streams[(index * 4)..]),
        new Ssn(BinaryPrimitives.ReadUInt16BigEndian(_streams[((index * 4) + 2)..])));

    public static bool TryParse(ReadOnlySpan<byte> value, out ForwardTsnChunk forward)
    {
        forward = default;
        if (value.Length < 4 || value.Length % 4 != 0)
        {
            return false;
        }

        forward = new ForwardTsnChunk(value);
        return true;
    }

    public static void Write(ref PacketWriter packet, Tsn cumulative, scoped ReadOnlySpan<(ushort Stream, Ssn Ssn)> skipped)
    {
        Span<byte> value = packet.Append(ChunkType.ForwardTsn, 0, 4 + (4 * skipped.Length));
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative.Value);
        for (int i = 0; i < skipped.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(4 + (4 * i))..], skipped[i].Stream);
            BinaryPrimitives.WriteUInt16BigEndian(value[(6 + (4 * i))..], skipped[i].Ssn.Value);
        }
    }
}
