using System.Buffers.Binary;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Fuzz.Targets;

/// <summary>
/// Packets into an association. Byte 0 of an input says where it begins: before the handshake, or established with a
/// channel of our own and data under way. Then packets: two bytes of length, one of milliseconds to wait, the chunks.
/// Header, tag and checksum are put on honestly, because the search would never find them.
/// </summary>
internal sealed class SctpTarget : FuzzTarget, ISctpSink
{
    private const uint Tag = 0x01020304;
    private const uint FirstTsn = 100;

    private readonly byte[] _packet = new byte[4096];
    private uint _tag;
    private uint _tsn;
    private byte[] _cookie = [];
    private int _sent;
    private int _messages;
    private int _opened;
    private int _closed;
    private int _kinds;

    public override string Name => "sctp";

    public override int LongestInput => 4096;

    public override long AllocationLimit => 4 * 1024 * 1024;

    public override int ShortRun => 15_000;

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] init = Convert.FromHexString("0100001c01020304000fffff0400040000000064c000000480080006c08200008001000800000001"[..64]);
        byte[] sack = Convert.FromHexString("030000180000000000010000000200000002000300050006");
        byte[] open = Data(FirstTsn, 1, 0, 50, Convert.FromHexString("030000000000000000010000") is var o ? [.. o, (byte)'x'] : []);
        byte[] text = Data(FirstTsn + 1, 1, 1, 51, "hello"u8.ToArray());
        byte[] first = Data(FirstTsn + 2, 1, 2, 53, new byte[40], 2);
        byte[] middle = Data(FirstTsn + 3, 1, 2, 53, new byte[40], 0);
        byte[] last = Data(FirstTsn + 4, 1, 2, 53, new byte[40], 1);
        byte[] unordered = Data(FirstTsn + 6, 1, 0, 53, new byte[10], 7);
        byte[] forward = Convert.FromHexString("c000000c0000006900010003");
        byte[] reset = Convert.FromHexString("82000016000d00120000006400000000000000690001");
        byte[] response = Convert.FromHexString("820000100010000c0000000000000001");
        byte[] heartbeat = Convert.FromHexString("0400000c0001000801020304");
        byte[] shutdown = Convert.FromHexString("0700000800000000");
        yield return [0, .. Packet(0, init)];
        yield return [1, .. Packet(5, open, text), .. Packet(5, sack)];
        yield return [1, .. Packet(5, open), .. Packet(1, first, middle, last), .. Packet(30, sack)];
        yield return [1, .. Packet(5, open), .. Packet(1, last), .. Packet(1, unordered), .. Packet(1, middle), .. Packet(20, first)];
        yield return [1, .. Packet(5, open, text), .. Packet(5, forward), .. Packet(5, unordered)];
        yield return [1, .. Packet(5, open, text), .. Packet(5, reset), .. Packet(250, response)];
        yield return [1, .. Packet(5, heartbeat), .. Packet(5, shutdown), .. Packet(5, [8, 0, 0, 4]), .. Packet(0, [14, 0, 0, 4])];
        yield return [1, .. Packet(5, [6, 0, 0, 4]), .. Packet(5, [9, 0, 0, 12, 0, 3, 0, 8, 0, 0, 0, 0])];
        yield return [0, .. Packet(0, init), .. Packet(5, [10, 0, 0, 4]), .. Packet(5, open)];
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        _sent = _messages = _opened = _closed = _kinds = 0;
        Instant now = new(1_000_000);
        SctpAssociation association = new(
            now, new SeededEntropy(3), new SctpOptions { MaxReceiveMessageSize = 20_000, ReceiveBufferSize = 50_000, MaxChannels = 8 });
        _tag = 0;
        if ((input[0] & 1) != 0)
        {
            Establish(association, now);
        }

        input = input[1..];
        int packets = 0;
        while (input.Length >= 3 && packets++ < 64)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), Math.Min(input.Length - 3, _packet.Length - 12));
            now += TimeSpan.FromMilliseconds(input[2]);
            Give(association, now, input.Slice(3, length));
            input = input[(3 + length)..];
            Deadline next = association.Advance(now, this);
            Require(next.At > now || next.At == Instant.Distant, $"The deadline lies in the past: {next.Why}");
        }

        // Whatever happened, time goes on: no deadline may come without end, and nothing more is sent than a peer could want.
        int turns = 0;
        for (Deadline next = association.Advance(now, this); next.At != Instant.Distant && turns < 200; turns++)
        {
            now = next.At > now ? next.At : now + TimeSpan.FromTicks(1);
            next = association.Advance(now, this);
        }

        Require(_sent < 6000, $"{_sent} packets were sent for one input.");
        Require(association.ChannelCount <= 8, "More channels than allowed.");
        SctpStats stats = association.Stats;
        return HashCode.Combine(
            HashCode.Combine(association.State, _kinds, Math.Min(_messages, 4), Math.Min(_opened, 3), Math.Min(_closed, 3)),
            stats.DroppedMalformed > 0, stats.DroppedOutOfWindow > 0, stats.DroppedUnexpected > 0, stats.DuplicateChunks > 0,
            stats.MessagesOversize > 0, HashCode.Combine(
                stats.ChannelsRefused > 0, stats.FastRetransmissions > 0, stats.DroppedCookies > 0));
    }

    private void Establish(SctpAssociation association, Instant now)
    {
        byte[] init = new byte[16 + 12];
        new InitChunk(Tag, 100_000, 1000, 1000, new Tsn(FirstTsn), true, true, false).Write(init);
        Give(association, now, [1, 0, 0, 32, .. init]);
        association.Advance(now, this);
        Give(association, now, [10, 0, 0, (byte)(4 + StateCookie.Size), .. _cookie]);
        association.Advance(now, this);
        Require(association.State == SctpState.Established, "The handshake of the harness fails.");
        association.TryOpenChannel(now, new DataChannelOptions { Label = "own", MaxRetransmits = 2 }, out ushort stream);
        association.Send(now, stream, new byte[5000], true);
        association.Advance(now, this);
    }

    private void Give(SctpAssociation association, Instant now, ReadOnlySpan<byte> chunks)
    {
        Span<byte> packet = _packet.AsSpan(0, 12 + chunks.Length);
        chunks.CopyTo(packet[12..]);
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x13881388);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], chunks.Length > 0 && chunks[0] == 1 ? 0 : _tag);

        // Acknowledgements count from our first TSN, which the input can't know; zero stands for it.
        if (chunks.Length >= 8 && chunks[0] is 3 or 7)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet[16..], BinaryPrimitives.ReadUInt32BigEndian(packet[16..]) + _tsn);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], Crc32c.ComputePacket(packet));
        association.Receive(now, packet);
    }

    private static byte[] Data(uint tsn, ushort stream, ushort ssn, uint ppid, byte[] payload, byte flags = 3)
    {
        byte[] chunk = new byte[(16 + payload.Length + 3) & ~3];
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)(16 + payload.Length));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4), tsn);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(8), stream);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(10), ssn);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(12), ppid);
        payload.CopyTo(chunk, 16);
        return chunk;
    }

    private static byte[] Packet(byte wait, params byte[][] chunks)
    {
        byte[] all = [.. chunks.SelectMany(c => c)];
        return [(byte)(all.Length >> 8), (byte)all.Length, wait, .. all];
    }

    void ISctpSink.Transmit(ReadOnlySpan<byte> packet)
    {
        _sent++;
        Require(packet.Length is >= 16 and <= 1188, "A packet has an impossible length.");
        _kinds |= 1 << (packet[12] & 31);
        if (packet[12] == 2 && _tag == 0)
        {
            _tag = BinaryPrimitives.ReadUInt32BigEndian(packet[16..]);
            _tsn = BinaryPrimitives.ReadUInt32BigEndian(packet[28..]) - 1;
            _cookie = packet[^StateCookie.Size..].ToArray();
        }
    }

    void ISctpSink.Established()
    {
    }

    void ISctpSink.ChannelOpened(ushort stream, DataChannelOptions channel) => _opened++;

    void ISctpSink.ChannelClosed(ushort stream) => _closed++;

    void ISctpSink.Message(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        _messages++;
        Require(message.Length <= 20_000, "A message is longer than allowed.");
    }

    void ISctpSink.BufferedAmountLow(ushort stream)
    {
    }

    void ISctpSink.Closed(SctpCloseReason reason)
    {
    }
}
