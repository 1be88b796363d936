using System.Buffers.Binary;
using System.Text;

namespace Bridge.Rtc.Sctp;

/// <summary>The two messages of the Data Channel Establishment Protocol (RFC 8832 §5).</summary>
/// <remarks>
/// <code>
/// |  Message Type |  Channel Type |            Priority           |
/// |                    Reliability Parameter                      |
/// |         Label Length          |       Protocol Length         |
/// |                     Label, then Protocol                      |
/// </code>
/// </remarks>
internal static class DcepOpen
{
    public const byte AckType = 2;

    private const byte OpenType = 3;
    private const int HeaderSize = 12;
    private const byte UnorderedBit = 0x80;

    private static readonly UTF8Encoding Utf8 = new(false, false);

    public static int Size(DataChannelOptions channel) =>
        HeaderSize + Utf8.GetByteCount(channel.Label) + Utf8.GetByteCount(channel.Protocol);

    public static void Write(DataChannelOptions channel, Span<byte> destination)
    {
        byte kind = (byte)(channel.MaxRetransmits is not null ? 1 : channel.MaxLifetime is not null ? 2 : 0);
        uint reliability = channel.MaxRetransmits ?? (uint)Math.Clamp(
            (channel.MaxLifetime ?? TimeSpan.Zero).TotalMilliseconds, 0, uint.MaxValue);
        int label = Utf8.GetBytes(channel.Label, destination[HeaderSize..]);
        int protocol = Utf8.GetBytes(channel.Protocol, destination[(HeaderSize + label)..]);
        destination[0] = OpenType;
        destination[1] = channel.Ordered ? kind : (byte)(kind | UnorderedBit);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], channel.Priority);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], reliability);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], (ushort)label);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], (ushort)protocol);
    }

    public static bool TryParse(ReadOnlySpan<byte> message, out DataChannelOptions? channel)
    {
        channel = null;
        if (message.Length < HeaderSize || message[0] != OpenType)
        {
            return false;
        }

        int label = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        int protocol = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        int kind = message[1] & ~UnorderedBit;
        if (message.Length != HeaderSize + label + protocol || kind > 2)
        {
            return false;
        }

        uint reliability = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        channel = new DataChannelOptions
        {
            Label = Utf8.GetString(message.Slice(HeaderSize, label)),
            Protocol = Utf8.GetString(message.Slice(HeaderSize + label, protocol)),
            Ordered = (message[1] & UnorderedBit) == 0,
            MaxRetransmits = kind == 1 ? (ushort)Math.Min(reliability, ushort.MaxValue) : null,
            MaxLifetime = kind == 2 ? TimeSpan.FromMilliseconds(reliability) : null,
            Priority = BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
        };
        return true;
    }
}
