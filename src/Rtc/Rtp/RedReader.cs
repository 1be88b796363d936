using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>Takes a RED payload apart, oldest block first; RFC 2198 §3.</summary>
/// <remarks>
/// <code>
/// 1|block PT(7)|timestamp offset(14)|block length(10)   for each redundant block
/// 0|block PT(7)                                         for the primary one
/// </code>
/// </remarks>
internal ref struct RedReader
{
    private const int MaxBlocks = 16;

    private ReadOnlySpan<byte> _headers;
    private ReadOnlySpan<byte> _data;
    private int _left;

    /// <summary>Blocks that follow the current one: how many packets ago it was sent first.</summary>
    public int Distance { get; private set; }

    public byte PayloadType { get; private set; }

    public uint TimestampOffset { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Checks the whole payload; false when a length field is invalid.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out RedReader reader)
    {
        reader = default;
        int offset = 0;
        int redundant = 0;
        int length = 0;
        while (true)
        {
            if (offset >= payload.Length)
            {
                return false;
            }

            if (payload[offset] < 0x80)
            {
                offset++;
                break;
            }

            if (payload.Length - offset < 4 || ++redundant > MaxBlocks)
            {
                return false;
            }

            length += BinaryPrimitives.ReadUInt16BigEndian(payload[(offset + 2)..]) & 0x3FF;
            offset += 4;
        }

        if (length > payload.Length - offset)
        {
            return false;
        }

        reader._headers = payload[..offset];
        reader._data = payload[offset..];
        reader._left = redundant + 1;
        return true;
    }

    /// <summary>Goes to the next block; the last is the primary one.</summary>
    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        _left--;
        Distance = _left;
        PayloadType = (byte)(_headers[0] & 0x7F);
        if (_left == 0)
        {
            TimestampOffset = 0;
            Payload = _data;
            return true;
        }

        uint word = BinaryPrimitives.ReadUInt32BigEndian(_headers);
        TimestampOffset = (word >> 10) & 0x3FFF;
        int length = (int)(word & 0x3FF);
        Payload = _data[..length];
        _data = _data[length..];
        _headers = _headers[4..];
        return true;
    }
}
