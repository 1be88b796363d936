using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>A SACK chunk (RFC 9260 §3.3.4).</summary>
/// <remarks>
/// <code>
/// |                      Cumulative TSN Ack                       |
/// |          Advertised Receiver Window Credit (a_rwnd)           |
/// | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
/// |  Gap Ack Block Start, End (offsets from the cumulative TSN)   |  N times
/// |                       Duplicate TSN                           |  M times
/// </code>
/// </remarks>
internal readonly ref struct SackChunk
{
    public readonly Tsn Cumulative;
    public readonly uint Window;
    public readonly int Duplicates;
    private readonly ReadOnlySpan<byte> _gaps;

    private SackChunk(ReadOnlySpan<byte> value, int gaps, int duplicates)
    {
        Cumulative = new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value));
        Window = BinaryPrimitives.ReadUInt32BigEndian(value[4..]);
        Duplicates = duplicates;
        _gaps = value.Slice(12, gaps * 4);
    }

    private SackChunk(Tsn cumulative, uint window)
    {
        Cumulative = cumulative;
        Window = window;
    }

    public int GapCount => _gaps.Length / 4;

    public (int Start, int End) Gap(int index) => (
        BinaryPrimitives.ReadUInt16BigEndian(_gaps[(index * 4)..]),
        BinaryPrimitives.ReadUInt16BigEndian(_gaps[((index * 4) + 2)..]));

    public static SackChunk WithoutGaps(Tsn cumulative, uint window) => new(cumulative, window);

    public static bool TryParse(ReadOnlySpan<byte> value, out SackChunk sack)
    {
        sack = default;
        if (value.Length < 12)
        {
            return false;
        }

        int gaps = BinaryPrimitives.ReadUInt16BigEndian(value[8..]);
        int duplicates = BinaryPrimitives.ReadUInt16BigEndian(value[10..]);
        if (value.Length < 12 + (4 * (gaps + duplicates)))
        {
            return false;
        }

        sack = new SackChunk(value, gaps, duplicates);
        return true;
    }
}
