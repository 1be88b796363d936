using System.Buffers.Binary;

namespace Bridge.Audio.Ogg;

/// <summary>
/// Builds the pages of one logical Ogg stream (RFC 3533 §6) and appends them to a byte stream. A packet never spans two pages.
/// </summary>
internal sealed class OggPage(Stream target, uint serial)
{
    /// <summary>Bytes before the lacing values.</summary>
    internal const int HeaderBytes = 27;

    /// <summary>Lacing values of the largest page.</summary>
    internal const int MaxSegments = 255;

    /// <summary>The largest page.</summary>
    internal const int MaxBytes = HeaderBytes + MaxSegments + (MaxSegments * 255);

    /// <summary>Header type of the first page.</summary>
    internal const byte BeginOfStream = 2;

    /// <summary>Header type of the last page.</summary>
    internal const byte EndOfStream = 4;

    private const int CrcOffset = 22;
    private static readonly uint[] CrcTable = MakeTable();

    private readonly byte[] _page = new byte[MaxBytes];
    private readonly byte[] _segments = new byte[MaxSegments];
    private readonly byte[] _body = new byte[MaxSegments * 255];
    private uint _sequence;
    private int _segmentCount;
    private int _bodyLength;

    /// <summary>False while no packet waits for its page.</summary>
    internal bool HasPackets => _segmentCount > 0;

    /// <summary>Whether a packet of this length finds room in the page.</summary>
    internal bool Fits(int length) => _segmentCount + (length / 255) + 1 <= MaxSegments;

    /// <summary>Adds a packet that fits. Its lacing values: as many of 255 as it has, then the rest, which may be 0.</summary>
    internal void Add(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += packet.Length;
        for (var left = packet.Length; ; left -= 255)
        {
            _segments[_segmentCount++] = (byte)Math.Min(left, 255);
            if (left < 255)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Writes the page: "OggS" | version 0 | type | granule position (8) | serial (4) | sequence (4) | CRC (4) | segment count | lacing
    /// values | body.
    /// </summary>
    /// <exception cref="IOException">The stream takes no more.</exception>
    internal void Write(byte type, long granule)
    {
        var page = _page.AsSpan(0, HeaderBytes + _segmentCount + _bodyLength);
        "OggS"u8.CopyTo(page);
        page[4] = 0;
        page[5] = type;
        BinaryPrimitives.WriteInt64LittleEndian(page[6..], granule);
        BinaryPrimitives.WriteUInt32LittleEndian(page[14..], serial);
        BinaryPrimitives.WriteUInt32LittleEndian(page[18..], _sequence++);
        page[26] = (byte)_segmentCount;
        _segments.AsSpan(0, _segmentCount).CopyTo(page[HeaderBytes..]);
        _body.AsSpan(0, _bodyLength).CopyTo(page[(HeaderBytes + _segmentCount)..]);
        Seal(page);
        target.Write(page);
        (_segmentCount, _bodyLength) = (0, 0);
    }

    /// <summary>Puts the checksum of a whole page into it.</summary>
    internal static void Seal(Span<byte> page)
    {
        page.Slice(CrcOffset, sizeof(uint)).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page[CrcOffset..], Crc(page));
    }

    /// <summary>True when the checksum of a whole page is right. The page's checksum is cleared for that and put back.</summary>
    internal static bool IsSealed(Span<byte> page)
    {
        var said = BinaryPrimitives.ReadUInt32LittleEndian(page[CrcOffset..]);
        Seal(page);
        var counted = BinaryPrimitives.ReadUInt32LittleEndian(page[CrcOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CrcOffset..], said);
        return said == counted;
    }

    /// <summary>The checksum of RFC 3533 §6: polynomial 0x04C11DB7, not reflected, initial value and final xor 0.</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (var one in bytes)
        {
            crc = (crc << 8) ^ CrcTable[(byte)(crc >> 24) ^ one];
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var crc = i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000_0000) != 0 ? (crc << 1) ^ 0x04C1_1DB7 : crc << 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
