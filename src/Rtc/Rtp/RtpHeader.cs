using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>The readable part of an RTP packet; RFC 3550 §5.1, RFC 8285.</summary>
/// <remarks>
/// <code>
///  V=2|P|X|  CC   |M|     PT      |       sequence number         |
///                           timestamp                             |
///                             SSRC                                |
///  CSRC (CC of them)                                              |
///  X: profile (16) | length in words (16) | extensions            |
/// </code>
/// </remarks>
internal readonly struct RtpHeader
{
    public const int FixedSize = 12;

    private RtpHeader(ReadOnlySpan<byte> packet, int length, int extensionOffset, int extensionLength, ushort profile)
    {
        Padded = (packet[0] & 0x20) != 0;
        Marker = (packet[1] & 0x80) != 0;
        PayloadType = (byte)(packet[1] & 0x7F);
        Sequence = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));
        Timestamp = new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));
        Ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        Length = length;
        ExtensionOffset = extensionOffset;
        ExtensionLength = extensionLength;
        ExtensionProfile = profile;
    }

    public bool Padded { get; }

    public bool Marker { get; }

    public byte PayloadType { get; }

    public SequenceNumber Sequence { get; }

    public RtpTimestamp Timestamp { get; }

    public uint Ssrc { get; }

    /// <summary>Bytes up to the payload.</summary>
    public int Length { get; }

    public int ExtensionOffset { get; }

    public int ExtensionLength { get; }

    /// <summary>0xBEDE for one-byte elements, 0x100? for two-byte ones; 0 without extensions.</summary>
    public ushort ExtensionProfile { get; }

    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedSize || packet[0] >> 6 != 2)
        {
            return false;
        }

        int length = FixedSize + ((packet[0] & 0x0F) * 4);
        int extensionOffset = 0;
        int extensionLength = 0;
        ushort profile = 0;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4)
            {
                return false;
            }

            profile = BinaryPrimitives.ReadUInt16BigEndian(packet[length..]);
            extensionLength = BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]) * 4;
            extensionOffset = length + 4;
            length = extensionOffset + extensionLength;
        }

        if (packet.Length < length)
        {
            return false;
        }

        header = new RtpHeader(packet, length, extensionOffset, extensionLength, profile);
        return true;
    }

    /// <summary>Cuts the padding off a decrypted packet; RFC 3550 §5.1.</summary>
    /// <param name="packet">The decrypted packet.</param>
    /// <param name="payload">The payload; empty for a packet of padding alone.</param>
    public bool TryGetPayload(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> payload)
    {
        payload = packet[Length..];
        if (!Padded)
        {
            return true;
        }

        if (payload.IsEmpty || payload[^1] == 0 || payload[^1] > payload.Length)
        {
            return false;
        }

        payload = payload[..^payload[^1]];
        return true;
    }
}
