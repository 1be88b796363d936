using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

public sealed class SctpTests
{
    [Fact]
    public void A_channel_opens_in_two_round_trips_and_both_sides_talk()
    {
        SctpPair pair = SctpPair.Connected(1, out ushort stream);
        Assert.Equal(0, stream);
        Assert.Equal("bridge", pair.Server.Opened[0].Channel.Label);
        pair.Send(pair.Client, stream, "hello");
        pair.Send(pair.Server, stream, "grüß dich");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1 && pair.Client.Messages.Count == 1));
        Assert.Equal(["hello"], pair.Server.Texts);
        Assert.Equal(["grüß dich"], pair.Client.Texts);
        Assert.Equal(1, pair.Client.EstablishedCount);
        Assert.Equal(1, pair.Server.EstablishedCount);
        Assert.InRange(pair.Client.Association.RoundTripTime!.Value.TotalMilliseconds, 39, 61);
    }

    [Fact]
    public void Text_binary_and_empty_messages_keep_their_kind()
    {
        SctpPair pair = SctpPair.Connected(2, out ushort stream);
        pair.Send(pair.Client, stream, "text");
        pair.Send(pair.Client, stream, [1, 2, 3]);
        pair.Send(pair.Client, stream, "");
        pair.Send(pair.Client, stream, Array.Empty<byte>());
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 4));
        Assert.Equal([false, true, false, true], pair.Server.Messages.Select(m => m.Binary));
        Assert.Equal([4, 3, 0, 0], pair.Server.Messages.Select(m => m.Bytes.Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1160)]
    [InlineData(1161)]
    [InlineData(16384)]
    [InlineData(262144)]
    public void Messages_of_every_size_arrive_whole(int size)
    {
        SctpPair pair = SctpPair.Connected(size, out ushort stream);
        byte[] message = new byte[size];
        new Random(size).NextBytes(message);
        Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, message));
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal(message, pair.Server.Messages[0].Bytes);
    }

    [Fact]
    public void A_side_that_waited_in_vain_for_an_INIT_sends_one()
    {
        SctpPair pair = new(4);
        pair.Server.Association.Await(pair.Now);
        Assert.True(pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "bridge" }, out _));
        Instant began = pair.Now;
        Assert.True(pair.RunUntil(() => pair.Client.Opened.Count == 1 && pair.Server.Opened.Count == 1));
        Assert.InRange((pair.Now - began).TotalMilliseconds, 400, 800);
        Assert.Equal(1, pair.Client.Association.Stats.InitsReceived);
    }

    [Fact]
    public void A_side_that_waits_sends_no_INIT_when_the_peer_sends_its_own()
    {
        SctpPair pair = new(5);
        pair.Server.Association.Await(pair.Now);
        pair.Client.Association.Connect(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.EstablishedCount == 1 && pair.Server.EstablishedCount == 1));
        pair.RunUntil(() => false, TimeSpan.FromSeconds(2));
        Assert.Equal(0, pair.Client.Association.Stats.InitsReceived);
    }

    [Fact]
    public void Crossing_INITs_meet_in_one_association()
    {
        SctpPair pair = new(3);
        pair.Client.Association.Connect(pair.Now);
        pair.Server.Association.Connect(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.EstablishedCount == 1 && pair.Server.EstablishedCount == 1));
        Assert.True(pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "a" }, out ushort even));
        Assert.True(pair.Server.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "b" }, out ushort odd));
        Assert.Equal((0, 1), (even, odd));
        Assert.True(pair.RunUntil(() => pair.Server.Opened.Count == 2 && pair.Client.Opened.Count == 2));
        pair.Send(pair.Server, odd, "b");
        pair.Send(pair.Client, even, "a");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1 && pair.Client.Messages.Count == 1));
    }

    [Theory]
    [InlineData(ChunkName.Init)]
    [InlineData(ChunkName.InitAck)]
    [InlineData(ChunkName.CookieEcho)]
    [InlineData(ChunkName.CookieAck)]
    public void Every_chunk_of_the_handshake_may_be_lost_once(ChunkName lost)
    {
        SctpPair pair = new(4);
        int dropped = 0;
        bool Drop(byte[] packet) => packet[12] == (byte)lost && dropped++ == 0;
        pair.ToServer.Drop = Drop;
        pair.ToClient.Drop = Drop;
        pair.Client.Association.Connect(pair.Now);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "x" }, out ushort stream);
        Instant start = pair.Now;
        Assert.True(pair.RunUntil(() => pair.Server.Opened.Count == 1));
        Assert.True(dropped >= 1);
        Assert.True(pair.Now - start < TimeSpan.FromSeconds(1), $"took {pair.Now - start}");
        pair.Send(pair.Server, stream, "ok");
        Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == 1));
        Assert.Equal(1, pair.Server.EstablishedCount);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.20)]
    [InlineData(0.30)]
    public void Loss_loses_and_reorders_nothing(double loss)
    {
        int seed = (int)(loss * 1000);
        SctpPair pair = SctpPair.Connected(seed, out ushort stream, path: p =>
        {
            p.Loss = loss;
            p.Jitter = TimeSpan.FromMilliseconds(10);
            p.Duplication = 0.02;
        });
        Random random = new(seed);
        List<byte[]> sent = [];
        List<byte[]> back = [];
        for (int i = 0; i < 150; i++)
        {
            byte[] message = new byte[random.Next(1, 6000)];
            random.NextBytes(message);
            sent.Add(message);
            Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, message));
            byte[] answer = [.. BitConverter.GetBytes(i)];
            back.Add(answer);
            pair.Send(pair.Server, stream, answer);
            pair.RunFor(TimeSpan.FromMilliseconds(5));
        }

        Assert.True(
            pair.RunUntil(
                () => pair.Server.Messages.Count == sent.Count && pair.Client.Messages.Count == back.Count, TimeSpan.FromMinutes(5)),
            pair.Story("everything arrives"));
        Assert.Equal(sent, pair.Server.Messages.Select(m => m.Bytes));
        Assert.Equal(back, pair.Client.Messages.Select(m => m.Bytes));
    }

    [Fact]
    public void An_orderly_end_delivers_what_was_queued()
    {
        SctpPair pair = SctpPair.Connected(6, out ushort stream);
        pair.Send(pair.Client, stream, new byte[100_000]);
        pair.Client.Association.Shutdown(pair.Now);
        Assert.Equal(DataSendResult.Closed, pair.Send(pair.Client, stream, "late"));
        Assert.True(pair.RunUntil(() => pair.Client.ClosedBy is not null && pair.Server.ClosedBy is not null));
        Assert.Equal(SctpCloseReason.Shutdown, pair.Client.ClosedBy);
        Assert.Equal(SctpCloseReason.Shutdown, pair.Server.ClosedBy);
        Assert.Equal(100_000, pair.Server.Messages.Single().Bytes.Length);
        Assert.Equal([stream], pair.Server.ClosedChannels);
        Assert.Equal(Deadline.Never, pair.Client.Deadline);
    }

    [Fact]
    public void An_abort_ends_both_sides_at_once()
    {
        SctpPair pair = SctpPair.Connected(7, out ushort stream);
        pair.Server.Association.Abort(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedBy is not null));
        Assert.Equal(SctpCloseReason.AbortedByPeer, pair.Client.ClosedBy);
        Assert.Equal(SctpCloseReason.AbortedHere, pair.Server.ClosedBy);
        Assert.Equal([stream], pair.Client.ClosedChannels);
    }

    [Fact]
    public void A_heartbeat_is_answered_with_its_own_bytes()
    {
        SctpPair pair = SctpPair.Connected(8, out _);
        List<byte[]> asked = [];
        List<byte[]> answered = [];
        bool Watch(byte[] packet)
        {
            (packet[12] switch { 4 => asked, 5 => answered, _ => null })?.Add(packet[16..]);
            return false;
        }

        pair.ToClient.Drop = Watch;
        pair.ToServer.Drop = Watch;
        pair.RunFor(TimeSpan.FromMinutes(2));
        Assert.InRange(asked.Count, 2, 6);
        Assert.Equal(asked, answered);
        Assert.Equal(SctpState.Established, pair.Client.Association.State);
    }

    [Fact]
    public void An_idle_association_asks_for_nothing_but_its_heartbeat()
    {
        SctpPair pair = SctpPair.Connected(9, out _);
        pair.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(DeadlineReason.SctpHeartbeat, pair.Client.Deadline.Why);
        Assert.Equal(DeadlineReason.SctpHeartbeat, pair.Server.Deadline.Why);
    }

    [Fact]
    public void A_peer_that_vanished_is_given_up()
    {
        SctpPair pair = SctpPair.Connected(10, out ushort stream, client: new SctpOptions { IsDtlsClient = true, MaxRetransmissions = 5 });
        pair.ToServer.Loss = 1;
        pair.Send(pair.Client, stream, "anybody?");
        Assert.True(pair.RunUntil(() => pair.Client.ClosedBy is not null));
        Assert.Equal(SctpCloseReason.TimedOut, pair.Client.ClosedBy);
    }

    [Fact]
    public void Sequence_numbers_wrap_around_without_a_trace()
    {
        SctpPair pair = SctpPair.Connected(12, out ushort stream, path: p => p.Latency = TimeSpan.FromMilliseconds(1));
        pair.ToServer.Loss = 0.005;
        int sent = 0;
        while (sent < 70_000)
        {
            for (int i = 0; i < 200; i++, sent++)
            {
                Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, BitConverter.GetBytes(sent)));
            }

            pair.RunFor(TimeSpan.FromMilliseconds(10));
        }

        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == sent), pair.Story("all arrive"));
        Assert.Equal(Enumerable.Range(0, sent), pair.Server.Messages.Select(m => BitConverter.ToInt32(m.Bytes)));
    }

    [Theory]
    [InlineData(1, 0, 0.3)]
    [InlineData(25, 0, 1.5)]
    [InlineData(25, 0.01, 6)]
    [InlineData(100, 0, 4)]
    public void Ten_messages_of_256_KB_take_no_longer_than_the_path_makes_them(int latency, double loss, double seconds)
    {
        SctpPair pair = SctpPair.Connected(
            13,
            out ushort stream,
            client: new SctpOptions { IsDtlsClient = true, SendBufferSize = 4 << 20 },
            path: p => p.Latency = TimeSpan.FromMilliseconds(latency));
        pair.ToServer.Loss = loss;
        Instant start = pair.Now;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, new byte[256 * 1024]));
        }

        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 10));
        TimeSpan took = pair.Now - start;
        SctpStats stats = pair.Client.Association.Stats;
        string story =
            $"latency {latency} ms, loss {loss}: {took.TotalSeconds:f2} s, {stats.PacketsSent} packets, {stats.Retransmissions} again, "
                + $"{stats.Timeouts} timeouts";
        TestContext.Current.SendDiagnosticMessage(story);
        Assert.True(took.TotalSeconds < seconds, story);
        Assert.Equal(0, stats.Timeouts);
    }

    [Fact]
    public void An_echo_answers_within_one_round_trip()
    {
        SctpPair pair = SctpPair.Connected(11, out ushort stream);
        pair.Server.OnMessage = (now, s, bytes, binary) => pair.Server.Association.Send(now, s, bytes, binary);
        pair.RunFor(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 20; i++)
        {
            Instant start = pair.Now;
            pair.Send(pair.Client, stream, Encoding.UTF8.GetBytes($"ping {i}"));
            int want = i + 1;
            Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == want));
            Assert.Equal(TimeSpan.FromMilliseconds(40), pair.Now - start);
        }
    }
}

/// <summary>The chunks of the handshake by name, for test data.</summary>
public enum ChunkName
{
    Init = 1,
    InitAck = 2,
    CookieEcho = 10,
    CookieAck = 11,
}
