using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>One packet of a compound RTCP datagram; RFC 3550 §6.1.</summary>
internal readonly ref struct RtcpPacket
{
    public const byte SenderReport = 200;
    public const byte ReceiverReport = 201;
    public const byte SourceDescription = 202;
    public const byte Bye = 203;
    public const byte TransportLayerFeedback = 205;

    public const int FeedbackNack = 1;
    public const int FeedbackTransport = 15;

    /// <summary>Bytes of a report block.</summary>
    public const int ReportBlockSize = 24;

    private RtcpPacket(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> body)
    {
        Count = packet[0] & 0x1F;
        Type = packet[1];
        Body = body;
    }

    /// <summary>Report count or feedback message type.</summary>
    public int Count { get; }

    public byte Type { get; }

    /// <summary>The body behind the four bytes of header, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Cuts the first packet off a compound. V(2) P(1) count(5) | type(8) | length in words less one(16).</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> compound, out RtcpPacket packet)
    {
        packet = default;
        if (compound.Length < 4 || compound[0] >> 6 != 2)
        {
            return false;
        }

        int length = (BinaryPrimitives.ReadUInt16BigEndian(compound[2..]) + 1) * 4;
        if (length > compound.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> body = compound[4..length];
        if ((compound[0] & 0x20) != 0)
        {
            if (body.IsEmpty || body[^1] == 0 || body[^1] > body.Length)
            {
                return false;
            }

            body = body[..^body[^1]];
        }

        packet = new RtcpPacket(compound, body);
        compound = compound[length..];
        return true;
    }

    /// <summary>Writes a packet header.</summary>
    /// <param name="buffer">Where.</param>
    /// <param name="count">Report count or feedback message type.</param>
    /// <param name="type">Packet type.</param>
    /// <param name="length">Bytes of the whole packet, a multiple of 4.</param>
    public static void WriteHeader(Span<byte> buffer, int count, byte type, int length)
    {
        buffer[0] = (byte)(0x80 | count);
        buffer[1] = type;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)((length / 4) - 1));
    }
}
