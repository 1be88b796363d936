namespace Bridge.Rtc.Rtp;

/// <summary>Walks the header extensions of a packet, one-byte and two-byte form; RFC 8285 §4.2 and §4.3.</summary>
internal ref struct RtpExtensions
{
    private const ushort OneByteProfile = 0xBEDE;
    private const ushort TwoByteProfile = 0x1000;

    private readonly bool _twoByte;
    private ReadOnlySpan<byte> _rest;

    public RtpExtensions(ReadOnlySpan<byte> packet, in RtpHeader header)
    {
        _twoByte = (header.ExtensionProfile & 0xFFF0) == TwoByteProfile;
        _rest = _twoByte || header.ExtensionProfile == OneByteProfile
            ? packet.Slice(header.ExtensionOffset, header.ExtensionLength)
            : default;
    }

    public byte Id { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next element; a malformed one ends the iteration.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            byte first = _rest[0];
            if (first == 0)
            {
                _rest = _rest[1..];
                continue;
            }

            int length;
            int header;
            if (_twoByte)
            {
                if (_rest.Length < 2)
                {
                    break;
                }

                (Id, length, header) = (first, _rest[1], 2);
            }
            else
            {
                (Id, length, header) = ((byte)(first >> 4), (first & 0x0F) + 1, 1);
                if (Id == 15)
                {
                    // Reserved: processing stops here (RFC 8285 §4.2).
                    break;
                }
            }

            if (_rest.Length < header + length)
            {
                break;
            }

            Value = _rest.Slice(header, length);
            _rest = _rest[(header + length)..];
            return true;
        }

        _rest = default;
        return false;
    }
}
