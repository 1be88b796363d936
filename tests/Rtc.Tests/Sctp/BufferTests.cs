using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Bounds: what is held for sending and receiving, and what an association costs.</summary>
public sealed class BufferTests
{
    [Fact]
    public void A_full_send_buffer_refuses_and_says_when_it_is_low()
    {
        SctpPair pair = SctpPair.Connected(
            50, out ushort stream, client: new SctpOptions { IsDtlsClient = true, SendBufferSize = 300_000 });
        byte[] message = new byte[100_000];
        Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, message));
        Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, message));
        Assert.Equal(DataSendResult.BufferFull, pair.Send(pair.Client, stream, message));
        Assert.Equal(200_000, pair.Client.Association.BufferedAmount(stream));
        Assert.Empty(pair.Client.Low);
        Assert.True(pair.RunUntil(() => pair.Client.Low.Count == 1));
        Assert.Equal(0, pair.Client.Association.BufferedAmount(stream));
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 2));
        Assert.Single(pair.Client.Low);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, message));
    }

    [Fact]
    public void A_message_longer_than_the_peer_takes_is_refused()
    {
        SctpPair pair = SctpPair.Connected(
            51, out ushort stream, client: new SctpOptions { IsDtlsClient = true, MaxSendMessageSize = 1000 });
        Assert.Equal(DataSendResult.TooLarge, pair.Send(pair.Client, stream, new byte[1001]));
        Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, new byte[1000]));
        Assert.Equal(DataSendResult.NoChannel, pair.Send(pair.Client, 99, "x"));
    }

    [Fact]
    public void A_message_longer_than_we_accept_closes_its_channel_and_no_other()
    {
        SctpPair pair = SctpPair.Connected(52, out ushort stream, server: new SctpOptions { MaxReceiveMessageSize = 10_000 });
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "other" }, out ushort other);
        pair.Send(pair.Client, stream, new byte[10_000]);
        pair.Send(pair.Client, stream, new byte[100_000]);
        pair.Send(pair.Client, other, "fine");
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.Messages.Count == 2));
        Assert.Equal([stream], pair.Client.ClosedChannels);
        Assert.Equal([10_000, 4], pair.Server.Messages.Select(m => m.Bytes.Length));
        Assert.Equal(1, pair.Server.Association.Stats.MessagesOversize);
    }

    [Fact]
    public void An_oversize_message_behind_a_gap_is_not_assembled_either()
    {
        SctpPair pair = SctpPair.Connected(53, out ushort stream, server: new SctpOptions { MaxReceiveMessageSize = 10_000 });
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "other" }, out ushort other);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        pair.Send(pair.Client, other, "lost first");
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.Send(pair.Client, stream, new byte[15_000]);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.Messages.Count == 1));
        Assert.Equal(1, pair.Server.Association.Stats.MessagesOversize);
    }

    [Fact]
    public void A_sender_never_exceeds_a_small_window()
    {
        SctpPair pair = SctpPair.Connected(
            54,
            out ushort stream,
            server: new SctpOptions { ReceiveBufferSize = 8192, MaxReceiveMessageSize = 200_000 },
            path: p => p.Loss = 0.05);
        byte[] message = new byte[120_000];
        new Random(54).NextBytes(message);
        pair.Send(pair.Client, stream, message);
        pair.Send(pair.Client, stream, message);
        Assert.True(
            pair.RunUntil(() => pair.Server.Messages.Count == 2, TimeSpan.FromMinutes(10)),
            pair.Story("a small window is slow, not stuck"));
        Assert.Equal(message, pair.Server.Messages[1].Bytes);
    }

    [Fact]
    public void Both_sides_offer_to_go_without_checksum_and_then_do()
    {
        SctpPair pair = SctpPair.Connected(55, out ushort stream);
        List<(byte First, bool Zero)> packets = [];
        pair.ToServer.Drop = p => { packets.Add((p[12], p.AsSpan(8, 4).SequenceEqual(new byte[4]))); return false; };
        pair.Send(pair.Client, stream, "x");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.All(packets, p => Assert.True(p.Zero));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void One_side_alone_keeps_the_checksum(bool client, bool server)
    {
        SctpPair pair = new(56, new SctpOptions { IsDtlsClient = true, ZeroChecksum = client }, new SctpOptions { ZeroChecksum = server });
        bool Watch(byte[] p)
        {
            Assert.NotEqual(0u, BitConverter.ToUInt32(p, 8));
            return false;
        }

        pair.ToServer.Drop = pair.ToClient.Drop = Watch;
        pair.Client.Association.Connect(pair.Now);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "x" }, out ushort stream);
        pair.Send(pair.Client, stream, "x");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
    }

    [Fact]
    public void INIT_and_COOKIE_ECHO_always_carry_their_checksum()
    {
        SctpPair pair = new(57);
        int seen = 0;
        bool Watch(byte[] p)
        {
            if (p[12] is (byte)ChunkType.Init or (byte)ChunkType.InitAck or (byte)ChunkType.CookieEcho)
            {
                seen++;
                Assert.Equal(Crc32c.ComputePacket(p), BitConverter.ToUInt32(p, 8));
            }

            return false;
        }

        pair.ToServer.Drop = pair.ToClient.Drop = Watch;
        pair.Client.Association.Connect(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.EstablishedCount == 1));
        Assert.Equal(3, seen);
    }

    [Fact]
    public void Messages_in_a_steady_exchange_allocate_nothing()
    {
        SctpAssociation client = new(new Instant(0), SystemEntropy.Instance, new SctpOptions { IsDtlsClient = true });
        SctpAssociation server = new(new Instant(0), SystemEntropy.Instance, new SctpOptions());
        CountingSink toServer = new();
        CountingSink toClient = new();
        client.Connect(new Instant(0));
        client.TryOpenChannel(new Instant(0), new DataChannelOptions { Label = "x" }, out ushort stream);
        long time = 0;
        byte[] message = new byte[16_384];
        void Exchange(int count)
        {
            for (int i = 0; i < count; i++)
            {
                client.Send(new Instant(time), stream, message, true);
                for (int round = 0; round < 8; round++)
                {
                    time += 10_000;
                    client.Advance(new Instant(time), toServer);
                    toServer.DeliverTo(server, new Instant(time));
                    server.Advance(new Instant(time), toClient);
                    toClient.DeliverTo(client, new Instant(time));
                }
            }
        }

        Exchange(200);
        Assert.Equal(SctpState.Established, server.State);
        long messages = server.Stats.MessagesReceived;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(200);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(200, server.Stats.MessagesReceived - messages);
        Assert.Equal(0, allocated);
    }

    private sealed class CountingSink : ISctpSink
    {
        private readonly byte[][] _packets = [.. Enumerable.Range(0, 256).Select(_ => new byte[1500])];
        private readonly int[] _lengths = new int[256];
        private int _count;

        public void DeliverTo(SctpAssociation association, Instant now)
        {
            for (int i = 0; i < _count; i++)
            {
                association.Receive(now, _packets[i].AsSpan(0, _lengths[i]));
            }

            _count = 0;
        }

        public void Transmit(ReadOnlySpan<byte> packet)
        {
            packet.CopyTo(_packets[_count]);
            _lengths[_count++] = packet.Length;
        }

        public void Established()
        {
        }

        public void ChannelOpened(ushort stream, DataChannelOptions channel)
        {
        }

        public void ChannelClosed(ushort stream)
        {
        }

        public void Message(ushort stream, ReadOnlySpan<byte> message, bool binary)
        {
        }

        public void BufferedAmountLow(ushort stream)
        {
        }

        public void Closed(SctpCloseReason reason)
        {
        }
    }
}
