using System.Buffers.Binary;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>A peer that holds the DTLS keys and means harm: nothing grows without bound, everything is counted.</summary>
public sealed class HostileTests
{
    private static readonly uint First = RawPeer.FirstTsn;

    [Fact]
    public void A_flood_of_INITs_costs_one_answer_for_each_turn_and_no_state()
    {
        RawPeer peer = new(connect: false);
        for (uint i = 1; i <= 10_000; i++)
        {
            peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(tag: i)));
        }

        Assert.Single(peer.Drain());
        Assert.Equal(10_000, peer.Association.Stats.InitsReceived);
        Assert.Equal(9_999, peer.Association.Stats.DroppedReplies);
        Assert.Equal(SctpState.New, peer.Association.State);
    }

    [Fact]
    public void A_flood_of_INITs_leaves_an_association_as_it_is()
    {
        RawPeer peer = new();
        peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Dcep, RawPeer.Open()));
        for (uint i = 1; i <= 1000; i++)
        {
            peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(tag: i)));
            peer.Drain();
        }

        peer.Exchange(RawPeer.Data(First + 1, 0, 1, Ppid.Text, [65]));
        Assert.Single(peer.Messages);
        Assert.Equal(1, peer.EstablishedCount);
    }

    [Fact]
    public void Forged_tags_and_ports_are_dropped_and_counted()
    {
        RawPeer peer = new();
        for (uint i = 0; i < 100; i++)
        {
            peer.Deliver(peer.PeerTag + 1 + i, RawPeer.Chunk(ChunkType.Abort, 0));
        }

        byte[] wrongPort = RawPeer.Packet(peer.PeerTag, RawPeer.Chunk(ChunkType.Abort, 0));
        wrongPort[1] ^= 1;
        RawPeer.Seal(wrongPort);
        peer.Association.Receive(peer.Now, wrongPort);
        Assert.Equal(101, peer.Association.Stats.DroppedTag);
        Assert.Equal(SctpState.Established, peer.Association.State);

        // The same ABORT under the peer's own tag, said to be reflected, is a real one (RFC 9260 §8.5.1).
        peer.Deliver(RawPeer.Tag, RawPeer.Chunk(ChunkType.Abort, 1));
        Assert.Equal(SctpState.Closed, peer.Association.State);
    }

    [Fact]
    public void A_wrong_checksum_is_dropped_and_counted()
    {
        RawPeer peer = new(new SctpOptions { ZeroChecksum = false });
        byte[] packet = RawPeer.Packet(peer.PeerTag, RawPeer.Chunk(ChunkType.Abort, 0));
        packet[9] ^= 1;
        peer.Association.Receive(peer.Now, packet);
        packet.AsSpan(8, 4).Clear();
        peer.Association.Receive(peer.Now, packet);
        Assert.Equal(2, peer.Association.Stats.DroppedChecksum);
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Fact]
    public void A_cookie_is_good_for_its_maker_its_tag_and_its_life()
    {
        RawPeer donor = new(seed: 5);
        RawPeer peer = new(connect: false, seed: 6);
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init()));
        byte[] ack = peer.Drain().Single();
        uint tag = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(16));
        byte[] cookie = RawPeer.FindCookie(ack);

        peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, donor.Cookie));
        for (int bit = 0; bit < cookie.Length * 8; bit++)
        {
            byte[] forged = [.. cookie];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, forged));
        }

        for (int length = 0; length < cookie.Length; length++)
        {
            peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, cookie[..length]));
        }

        peer.Deliver(tag + 1, RawPeer.Chunk(ChunkType.CookieEcho, 0, cookie));
        peer.Now += TimeSpan.FromSeconds(61);
        peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, cookie));
        Assert.Equal(SctpState.New, peer.Association.State);
        Assert.Equal(1 + (cookie.Length * 8) + cookie.Length + 2, peer.Association.Stats.DroppedCookies);

        peer.Now -= TimeSpan.FromSeconds(2);
        peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, cookie));
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Fact]
    public void Ten_thousand_channels_are_refused_beyond_the_limit()
    {
        RawPeer peer = new(new SctpOptions { MaxChannels = 100 }, connect: false);
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(parameters: [0x80, 0x08, 0, 6, 130, 192, 0, 0])));
        byte[] ack = peer.Drain().Single();
        uint tag = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(16));
        uint tsn = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(28));
        peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, RawPeer.FindCookie(ack)));
        long largest = 0;
        for (uint i = 0; i < 10_000; i++)
        {
            peer.Deliver(tag, RawPeer.Data(First + i, (ushort)(i * 2), 0, Ppid.Dcep, RawPeer.Open($"channel {i}")));
            List<byte[]> answers = peer.Drain();
            largest = Math.Max(largest, answers.Count);
            peer.Deliver(tag, RawPeer.Sack(tsn + (uint)Math.Min(i, 99)));
        }

        Assert.Null(peer.ClosedBy);
        Assert.Equal(100, peer.Association.ChannelCount);
        Assert.Equal(100, peer.Opened.Count);
        Assert.Equal(9_900, peer.Association.Stats.ChannelsRefused);
        Assert.InRange(largest, 1, 4);
    }

    [Fact]
    public void Four_hundred_channels_at_once_again_and_again_leave_the_limit_open_and_the_rest_closed()
    {
        const int Limit = 128;
        const int AtOnce = 400;
        SctpPair pair = SctpPair.Connected(31, out ushort first, client: new SctpOptions { IsDtlsClient = true, MaxChannels = 1000 });
        for (int round = 1; round <= 25; round++)
        {
            int closed = pair.Client.ClosedChannels.Count;
            List<ushort> streams = [];
            while (streams.Count < AtOnce
                && pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "flood" }, out ushort stream))
            {
                streams.Add(stream);
            }

            // The attacker numbers its channels itself: all are open to it until the refusals, one reset of a stream each, come back.
            Assert.Equal(AtOnce, streams.Count);
            int most = 0;
            Assert.True(
                pair.RunUntil(
                    () =>
                    {
                        most = Math.Max(most, pair.Server.Association.ChannelCount);
                        return pair.Client.ClosedChannels.Count - closed == AtOnce - (Limit - 1);
                    },
                    TimeSpan.FromSeconds(2)),
                pair.Story($"round {round}: what is refused is closed"));
            Assert.Equal(Limit, most);
            Assert.Equal(round * (AtOnce - (Limit - 1)), pair.Server.Association.Stats.ChannelsRefused);
            streams.ForEach(s => pair.Client.Association.CloseChannel(pair.Now, s));
            Assert.True(
                pair.RunUntil(() => pair.Server.Association.ChannelCount == 1 && pair.Client.Association.ChannelCount == 1),
                pair.Story("all are closed"));
        }

        pair.Send(pair.Client, first, "still here");
        Assert.True(pair.RunUntil(() => pair.Server.Texts.Contains("still here")));
    }

    [Fact]
    public void Endless_labels_and_malformed_OPENs_are_refused()
    {
        RawPeer peer = new();
        byte[] malformed = RawPeer.Open("abc");
        malformed[9] = 200;
        byte[] unknownKind = RawPeer.Open("abc");
        unknownKind[1] = 9;
        uint tsn = First;
        peer.Exchange(RawPeer.Data(tsn++, 0, 0, Ppid.Dcep, malformed));
        peer.Exchange(RawPeer.Data(tsn++, 2, 0, Ppid.Dcep, unknownKind));
        peer.Exchange(RawPeer.Data(tsn++, 4, 0, Ppid.Dcep, RawPeer.Open(new string('x', 1100))));
        peer.Exchange(RawPeer.Data(tsn++, 6, 0, Ppid.Dcep, [3]));
        peer.Exchange(RawPeer.Data(tsn++, 8, 0, Ppid.Dcep, RawPeer.Open("fine")));
        peer.Exchange(RawPeer.Data(tsn, 8, 1, Ppid.Dcep, RawPeer.Open("twice")));
        Assert.Equal([8], peer.Opened.Select(s => (int)s));
        Assert.Equal(5, peer.Association.Stats.ChannelsRefused);
    }

    [Fact]
    public void Data_far_outside_of_the_window_is_dropped()
    {
        RawPeer peer = new();
        Random random = new(1);
        byte[] payload = new byte[1000];
        for (int i = 0; i < 10_000; i++)
        {
            uint ahead = (uint)random.Next(ReceivedChunks.Capacity + 1, int.MaxValue);
            peer.Exchange(RawPeer.Data(First + ahead, 0, 0, Ppid.Binary, payload));
        }

        Assert.Equal(10_000, peer.Association.Stats.DroppedOutOfWindow);
    }

    [Fact]
    public void Data_behind_a_gap_is_held_to_the_window_and_no_further()
    {
        RawPeer peer = new(new SctpOptions { ReceiveBufferSize = 100_000 });
        byte[] payload = new byte[1000];
        List<byte[]> last = [];
        for (uint i = 1; i < 4000; i++)
        {
            last = peer.Exchange(RawPeer.Data(First + i, 0, 0, Ppid.Binary, payload, DataChunk.Begin));
        }

        byte[] sack = RawPeer.Chunks(last, ChunkType.Sack).Single();
        Assert.Equal(First - 1, BinaryPrimitives.ReadUInt32BigEndian(sack));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(sack.AsSpan(4)));
        Assert.InRange(peer.Association.Stats.DroppedOutOfWindow, 3_890, 3_910);

        // What fills the gap is taken all the same, and frees the rest.
        sack = RawPeer.Chunks(peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Binary, payload)), ChunkType.Sack).Single();
        Assert.True(BinaryPrimitives.ReadUInt32BigEndian(sack.AsSpan(4)) > 60_000, "the window opens");
    }

    [Fact]
    public void A_message_without_end_is_not_collected_beyond_the_limit()
    {
        RawPeer peer = new(new SctpOptions { MaxReceiveMessageSize = 50_000 });
        peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Dcep, RawPeer.Open()));
        byte[] payload = new byte[1000];
        long before = 0;
        for (uint i = 1; i < 5000; i++)
        {
            peer.Exchange(RawPeer.Data(First + i, 0, 1, Ppid.Binary, payload, i == 1 ? DataChunk.Begin : (byte)0));
            if (i == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }
        }

        peer.Exchange(RawPeer.Data(First + 5000, 0, 1, Ppid.Binary, payload, DataChunk.End));
        Assert.Equal(1, peer.Association.Stats.MessagesOversize);
        Assert.Empty(peer.Messages);
        Assert.Equal(SctpState.Established, peer.Association.State);
        Assert.True(before > 0);
    }

    [Fact]
    public void Messages_without_a_channel_or_with_an_unknown_protocol_are_counted()
    {
        RawPeer peer = new();
        peer.Exchange(RawPeer.Data(First, 5, 0, Ppid.Text, [65]));
        peer.Exchange(RawPeer.Data(First + 1, 60_000, 0, Ppid.Text, [65]));
        peer.Exchange(RawPeer.Data(First + 2, 0, 0, Ppid.Dcep, RawPeer.Open()));
        List<byte[]> answers = peer.Exchange(RawPeer.Data(First + 3, 0, 1, 12345, [65]), RawPeer.Data(First + 4, 0, 2, Ppid.Text, [66]));
        Assert.Equal([(byte)66], peer.Messages.Single());
        Assert.True(peer.Association.Stats.MessagesUnclaimed >= 3);
        Assert.NotNull(answers);
    }

    [Fact]
    public void A_SACK_for_what_was_never_sent_ends_the_association()
    {
        RawPeer peer = new();
        List<byte[]> answers = peer.Exchange(RawPeer.Sack(peer.PeerTsn + 5));
        Assert.Equal(SctpCloseReason.ProtocolViolation, peer.ClosedBy);
        Assert.Single(RawPeer.Chunks(answers, ChunkType.Abort));
    }

    [Fact]
    public void A_SACK_with_gap_blocks_that_lie_is_harmless()
    {
        RawPeer peer = new();
        Assert.True(peer.Association.TryOpenChannel(peer.Now, new DataChannelOptions { Label = "x" }, out ushort stream));
        peer.Association.Send(peer.Now, stream, new byte[20_000], true);
        peer.Drain();
        (ushort, ushort)[] gaps = [.. Enumerable.Range(0, 270).Select(i => ((ushort)1, (ushort)65535))];
        peer.Exchange(RawPeer.Sack(peer.PeerTsn - 1, 100_000, gaps));
        peer.Exchange(RawPeer.Sack(peer.PeerTsn - 1, 100_000, (0, 5), (9, 3), (5, 2)));
        peer.Exchange(RawPeer.Sack(peer.PeerTsn - 1, 100_000, (3, 2)));
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Fact]
    public void A_receiver_that_takes_back_its_acknowledgement_gets_the_chunk_again()
    {
        RawPeer peer = new();
        Assert.True(peer.Association.TryOpenChannel(peer.Now, new DataChannelOptions { Label = "x" }, out ushort stream));
        peer.Association.Send(peer.Now, stream, new byte[3000], true);
        peer.Drain();
        peer.Exchange(RawPeer.Sack(peer.PeerTsn - 1, 100_000, (2, 4)));
        List<byte[]> answers = peer.Exchange(RawPeer.Sack(peer.PeerTsn, 100_000));
        answers.AddRange(peer.RunFor(TimeSpan.FromSeconds(2)));
        IEnumerable<uint> again = RawPeer.Chunks(answers, ChunkType.Data).Select(d => BinaryPrimitives.ReadUInt32BigEndian(d));
        Assert.Contains(peer.PeerTsn + 1, again);
    }

    [Fact]
    public void Heartbeats_and_errors_in_masses_are_answered_within_bounds()
    {
        RawPeer peer = new();
        for (int i = 0; i < 1000; i++)
        {
            peer.Deliver(peer.PeerTag, RawPeer.Chunk(ChunkType.Heartbeat, 0, [0, 1, 0, 8, 1, 2, 3, (byte)i]));
            peer.Deliver(peer.PeerTag, RawPeer.Chunk(ChunkType.Error, 0, [0, 3, 0, 8, 0, 0, 0, 0]));
            peer.Deliver(peer.PeerTag, RawPeer.Chunk((ChunkType)77, 0, [1, 2, 3]));
        }

        Assert.InRange(RawPeer.Chunks(peer.Drain(), ChunkType.HeartbeatAck).Count(), 1, 4);
        Assert.Equal(996, peer.Association.Stats.DroppedReplies);
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Fact]
    public void A_chunk_without_data_ends_the_association()
    {
        RawPeer peer = new();
        List<byte[]> answers = peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Text, []));
        Assert.Equal(SctpCloseReason.ProtocolViolation, peer.ClosedBy);
        Assert.Equal([0, 9, 0, 4], RawPeer.Chunks(answers, ChunkType.Abort).Single());
    }

    [Fact]
    public void FORWARD_TSN_may_skip_anything_and_costs_nothing()
    {
        RawPeer peer = new();
        peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Dcep, RawPeer.Open()));
        peer.Exchange(RawPeer.Data(First + 2, 0, 2, Ppid.Text, [66]));
        peer.Exchange(RawPeer.ForwardTsn(First + 1, (0, 1)));
        Assert.Equal([(byte)66], peer.Messages.Single());
        peer.Exchange(RawPeer.ForwardTsn(First + 1_000_000_000, (0, 700), (65535, 3)));
        peer.Exchange(RawPeer.Data(First + 1_000_000_001, 0, 701, Ppid.Text, [67]));
        Assert.Equal(2, peer.Messages.Count);
        peer.Exchange(RawPeer.ForwardTsn(First));
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Fact]
    public void A_reset_of_every_stream_closes_every_channel()
    {
        RawPeer peer = new();
        peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Dcep, RawPeer.Open()), RawPeer.Data(First + 1, 2, 0, Ppid.Dcep, RawPeer.Open()));
        List<byte[]> answers = peer.Exchange(RawPeer.ResetRequest(First, First + 1));
        byte[] response = RawPeer.Chunks(answers, ChunkType.ReConfig).First();
        Assert.Equal((uint)ResetResult.Performed, BinaryPrimitives.ReadUInt32BigEndian(response.AsSpan(8)));

        // The INIT of this peer offered no RE-CONFIG, so the channels close without our own request.
        Assert.Equal([0, 2], peer.ClosedChannels.Select(s => (int)s).Order());

        // A repetition is answered and changes nothing; a number out of order is not answered.
        Assert.Single(RawPeer.Chunks(peer.Exchange(RawPeer.ResetRequest(First, First + 1)), ChunkType.ReConfig));
        Assert.Empty(RawPeer.Chunks(peer.Exchange(RawPeer.ResetRequest(First + 9, First + 1)), ChunkType.ReConfig));
    }

    [Fact]
    public void A_peer_that_lost_its_state_may_start_anew()
    {
        RawPeer peer = new();
        peer.Exchange(RawPeer.Data(First, 0, 0, Ppid.Dcep, RawPeer.Open()));
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(tag: 0x55667788, tsn: 42)));
        byte[] ack = peer.Drain().Single();
        uint tag = BinaryPrimitives.ReadUInt32BigEndian(ack.AsSpan(16));
        Assert.NotEqual(peer.PeerTag, tag);
        peer.Deliver(tag, RawPeer.Chunk(ChunkType.CookieEcho, 0, RawPeer.FindCookie(ack)));
        peer.Drain();
        Assert.Equal([0], peer.ClosedChannels.Select(s => (int)s));
        Assert.Equal(2, peer.EstablishedCount);
        peer.Deliver(tag, RawPeer.Data(42, 0, 0, Ppid.Dcep, RawPeer.Open("new")));
        peer.Drain();
        Assert.Equal(2, peer.Opened.Count);
    }

    [Fact]
    public void Noise_is_dropped()
    {
        RawPeer peer = new();
        Random random = new(7);
        byte[] noise = new byte[1500];
        for (int i = 0; i < 100_000; i++)
        {
            Span<byte> packet = noise.AsSpan(0, random.Next(noise.Length));
            random.NextBytes(packet);
            peer.Association.Receive(peer.Now, packet);
        }

        Assert.Empty(peer.Drain());
        SctpStats stats = peer.Association.Stats;
        Assert.Equal(100_000, stats.DroppedChecksum + stats.DroppedMalformed + stats.DroppedTag);
    }
}
