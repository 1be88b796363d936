using System.Buffers.Binary;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>
/// A peer that writes its chunks by hand, so that it can lie. Talks to one association, which never sees a clock but ours.
/// </summary>
internal sealed class RawPeer : ISctpSink
{
    public const uint Tag = 0x11223344;
    public const uint FirstTsn = 0xFFFFFFF0;

    private readonly List<byte[]> _sent = [];

    public RawPeer(SctpOptions? options = null, int seed = 1, bool connect = true)
    {
        Association = new SctpAssociation(Now, new SeededEntropy(seed), options ?? new SctpOptions());
        if (connect)
        {
            Deliver(0, Chunk(ChunkType.Init, 0, Init()));
            byte[] ack = Drain().Single(p => p[12] == (byte)ChunkType.InitAck);
            PeerTag = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(16));
            PeerTsn = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(28));
            Cookie = FindCookie(ack);
            Deliver(PeerTag, Chunk(ChunkType.CookieEcho, 0, Cookie));
            Assert.Equal((byte)ChunkType.CookieAck, Drain().Single()[12]);
            Assert.Equal(SctpState.Established, Association.State);
        }
    }

    public Instant Now { get; set; } = new(987_654_321_000);

    public SctpAssociation Association { get; }

    public uint PeerTag { get; private set; }

    public uint PeerTsn { get; private set; }

    public byte[] Cookie { get; private set; } = [];

    public List<ushort> Opened { get; } = [];

    public List<ushort> ClosedChannels { get; } = [];

    public List<byte[]> Messages { get; } = [];

    public SctpCloseReason? ClosedBy { get; private set; }

    public int EstablishedCount { get; private set; }

    public static byte[] Init(
        uint tag = Tag,
        uint window = 1_000_000,
        ushort outbound = 65535,
        ushort inbound = 65535,
        uint tsn = FirstTsn,
        params byte[] parameters)
    {
        byte[] value = new byte[16 + parameters.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tag);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), window);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), outbound);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(10), inbound);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(12), tsn);
        parameters.CopyTo(value, 16);
        return value;
    }

    public static byte[] Chunk(ChunkType type, byte flags, params byte[] value)
    {
        byte[] chunk = new byte[(4 + value.Length + 3) & ~3];
        chunk[0] = (byte)type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)(4 + value.Length));
        value.CopyTo(chunk, 4);
        return chunk;
    }

    public static byte[] Data(uint tsn, ushort stream, ushort ssn, uint ppid, byte[] payload, byte flags = DataChunk.Begin | DataChunk.End)
    {
        byte[] value = new byte[12 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4), stream);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(6), ssn);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(8), ppid);
        payload.CopyTo(value, 12);
        return Chunk(ChunkType.Data, flags, value);
    }

    public static byte[] Open(string label = "x") => Open(new DataChannelOptions { Label = label });

    public static byte[] Open(DataChannelOptions channel)
    {
        byte[] open = new byte[DcepOpen.Size(channel)];
        DcepOpen.Write(channel, open);
        return open;
    }

    public static byte[] Sack(uint cumulative, uint window = 1_000_000, params (ushort Start, ushort End)[] gaps)
    {
        byte[] value = new byte[12 + (4 * gaps.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), window);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), (ushort)gaps.Length);
        for (int i = 0; i < gaps.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(12 + (4 * i)), gaps[i].Start);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(14 + (4 * i)), gaps[i].End);
        }

        return Chunk(ChunkType.Sack, 0, value);
    }

    public static byte[] ForwardTsn(uint cumulative, params (ushort Stream, ushort Ssn)[] skipped)
    {
        byte[] value = new byte[4 + (4 * skipped.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative);
        for (int i = 0; i < skipped.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4 + (4 * i)), skipped[i].Stream);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(6 + (4 * i)), skipped[i].Ssn);
        }

        return Chunk(ChunkType.ForwardTsn, 0, value);
    }

    public static byte[] ResetRequest(uint number, uint lastTsn, params ushort[] streams)
    {
        byte[] value = new byte[16 + (2 * streams.Length)];
        InitChunk.WriteParameterHeader(value, ParameterType.OutgoingResetRequest, 12 + (2 * streams.Length));
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(12), lastTsn);
        for (int i = 0; i < streams.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(16 + (2 * i)), streams[i]);
        }

        return Chunk(ChunkType.ReConfig, 0, value);
    }

    public static byte[] Packet(uint tag, params byte[][] chunks)
    {
        byte[] packet = [0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, .. chunks.SelectMany(c => c)];
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        Seal(packet);
        return packet;
    }

    public static void Seal(byte[] packet) => BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.ComputePacket(packet));

    /// <summary>Chunks of one type in packets the association sent.</summary>
    public static IEnumerable<byte[]> Chunks(IEnumerable<byte[]> packets, ChunkType type)
    {
        foreach (byte[] packet in packets)
        {
            List<byte[]> found = [];
            ChunkReader reader = new(packet.AsSpan(12));
            while (reader.TryRead(out Chunk chunk))
            {
                if (chunk.Type == type)
                {
                    found.Add(chunk.Value.ToArray());
                }
            }

            foreach (byte[] value in found)
            {
                yield return value;
            }
        }
    }

    public void Deliver(uint tag, params byte[][] chunks) => Association.Receive(Now, Packet(tag, chunks));

    /// <summary>Delivers chunks under the right tag and takes what comes back.</summary>
    public List<byte[]> Exchange(params byte[][] chunks)
    {
        Deliver(PeerTag, chunks);
        return Drain();
    }

    public List<byte[]> Drain()
    {
        _sent.Clear();
        Deadline = Association.Advance(Now, this);
        return [.. _sent];
    }

    /// <summary>Lets time pass to the association's own deadlines.</summary>
    public List<byte[]> RunFor(TimeSpan time)
    {
        List<byte[]> all = [];
        Instant end = Now + time;
        all.AddRange(Drain());
        while (Deadline.At <= end)
        {
            Now = Deadline.At > Now ? Deadline.At : Now;
            all.AddRange(Drain());
        }

        Now = end;
        return all;
    }

    public Deadline Deadline { get; private set; }

    public static byte[] FindCookie(byte[] initAck)
    {
        ParameterReader parameters = new(initAck.AsSpan(32));
        while (parameters.TryRead(out ParameterType type, out ReadOnlySpan<byte> value))
        {
            if (type == ParameterType.StateCookie)
            {
                return value.ToArray();
            }
        }

        throw new InvalidOperationException("An INIT ACK without a cookie.");
    }

    void ISctpSink.Transmit(ReadOnlySpan<byte> packet) => _sent.Add(packet.ToArray());

    void ISctpSink.Established() => EstablishedCount++;

    void ISctpSink.ChannelOpened(ushort stream, DataChannelOptions channel) => Opened.Add(stream);

    void ISctpSink.ChannelClosed(ushort stream) => ClosedChannels.Add(stream);

    void ISctpSink.Message(ushort stream, ReadOnlySpan<byte> message, bool binary) => Messages.Add(message.ToArray());

    void ISctpSink.BufferedAmountLow(ushort stream)
    {
    }

    void ISctpSink.Closed(SctpCloseReason reason) => ClosedBy = reason;
}
