using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>How soon a loss is found, which is what makes or breaks an echo's outliers.</summary>
public sealed class LossTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(14)]
    public void A_lost_tail_is_sent_again_when_its_SACK_is_overdue_not_after_a_timeout(int packets)
    {
        SctpPair pair = SctpPair.Connected(packets, out ushort stream);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int left = packets;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && --left == 0;
        Instant start = pair.Now;
        pair.Send(pair.Client, stream, new byte[1100 * packets]);
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.True(
            pair.Now - start < TimeSpan.FromMilliseconds(120), $"took {(pair.Now - start).TotalMilliseconds} ms at a round trip of 40 ms");
        Assert.Equal(0, pair.Client.Association.Stats.Timeouts);
    }

    [Fact]
    public void A_lost_first_packet_is_found_by_what_follows_it()
    {
        SctpPair pair = SctpPair.Connected(20, out ushort stream);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        Instant start = pair.Now;
        pair.Send(pair.Client, stream, new byte[2200]);
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(80), $"took {(pair.Now - start).TotalMilliseconds} ms");
        Assert.Equal(1, pair.Client.Association.Stats.FastRetransmissions);
        Assert.Equal(1, pair.Client.Association.Stats.Retransmissions);
    }

    [Fact]
    public void A_lost_retransmission_does_not_wait_for_a_timeout_while_data_flows()
    {
        SctpPair pair = SctpPair.Connected(21, out ushort stream);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        byte[]? first = null;
        pair.ToServer.Drop = p =>
        {
            if (p[12] != (byte)ChunkType.Data)
            {
                return false;
            }

            first ??= p[16..20];
            return p.AsSpan(16, 4).SequenceEqual(first) && seen++ < 2;
        };
        Instant start = pair.Now;
        for (int i = 0; i < 40; i++)
        {
            pair.Send(pair.Client, stream, new byte[500]);
            pair.RunFor(TimeSpan.FromMilliseconds(5));
        }

        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 40));
        Assert.Equal(3, seen);
        Assert.Equal(0, pair.Client.Association.Stats.Timeouts);
        Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(260), $"took {(pair.Now - start).TotalMilliseconds} ms");
    }

    [Fact]
    public void A_lost_SACK_costs_nothing_but_a_probe()
    {
        SctpPair pair = SctpPair.Connected(22, out ushort stream);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToClient.Drop = p => p[12] == (byte)ChunkType.Sack && seen++ == 0;
        pair.Send(pair.Client, stream, "x");
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(1, pair.Client.Association.Stats.TailProbes);
        Assert.Equal(0, pair.Client.Association.Stats.Timeouts);
        Assert.Single(pair.Server.Messages);
    }

    [Fact]
    public void Reordering_alone_makes_few_repetitions_and_no_timeout()
    {
        SctpPair pair = SctpPair.Connected(23, out ushort stream, path: p => p.Jitter = TimeSpan.FromMilliseconds(400));
        byte[] message = new byte[200_000];
        new Random(1).NextBytes(message);
        pair.Send(pair.Client, stream, message);
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal(message, pair.Server.Messages[0].Bytes);
        long packets = pair.Client.Association.Stats.PacketsSent;
        Assert.True(
            pair.Client.Association.Stats.Retransmissions < packets / 2,
            $"{pair.Client.Association.Stats.Retransmissions} of {packets} packets were repetitions");
    }

    [Fact]
    public void After_an_outage_a_new_path_goes_on_at_once()
    {
        SctpPair pair = SctpPair.Connected(24, out ushort stream);
        pair.ToServer.Loss = 1;
        pair.ToClient.Loss = 1;
        pair.Send(pair.Client, stream, "across");
        pair.RunFor(TimeSpan.FromSeconds(20));
        pair.ToServer.Loss = 0;
        pair.ToClient.Loss = 0;
        Instant start = pair.Now;
        pair.Client.Association.PathChanged(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.True(pair.Now - start <= TimeSpan.FromMilliseconds(21), $"took {pair.Now - start}");
    }

    [Fact]
    public void Without_a_word_of_the_path_it_goes_on_within_the_longest_timeout()
    {
        SctpPair pair = SctpPair.Connected(25, out ushort stream);
        pair.ToServer.Loss = 1;
        pair.Send(pair.Client, stream, "across");
        pair.RunFor(TimeSpan.FromSeconds(40));
        pair.ToServer.Loss = 0;
        Instant start = pair.Now;
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.True(pair.Now - start <= TimeSpan.FromSeconds(3.1), $"took {pair.Now - start}");
    }

    [Fact]
    public void One_megabyte_there_and_back_over_a_small_socket_buffer_meets_no_timeout()
    {
        // A browser's socket buffer holds some 56 packets of this size; the pipe drains one each 10 µs, as a busy loop would.
        SctpPair pair = new(26);
        Queue<Instant> leaving = new();
        int overflowed = 0;
        pair.ToServer.Latency = pair.ToClient.Latency = TimeSpan.FromMilliseconds(0.15);
        pair.Client.Association.Connect(pair.Now);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "bulk" }, out ushort stream);
        Assert.True(pair.RunUntil(() => pair.Server.Opened.Count == 1));
        pair.Server.OnMessage = (now, s, bytes, binary) =>
            Assert.Equal(DataSendResult.Queued, pair.Server.Association.Send(now, s, bytes, binary));
        pair.ToServer.Drop = _ =>
        {
            while (leaving.TryPeek(out Instant at) && at <= pair.Now)
            {
                leaving.Dequeue();
            }

            if (leaving.Count >= 56)
            {
                overflowed++;
                return true;
            }

            Instant last = leaving.Count > 0 ? leaving.Last() : pair.Now;
            leaving.Enqueue((last > pair.Now ? last : pair.Now) + TimeSpan.FromMicroseconds(10));
            return false;
        };
        Instant start = pair.Now;
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, new byte[16 * 1024]));
        }

        Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == 64));
        SctpStats stats = pair.Client.Association.Stats;
        string story =
            $"{(pair.Now - start).TotalMilliseconds} ms, {overflowed} overflowed, {stats.Retransmissions} again, {stats.Timeouts} "
                + $"timeouts, {stats.TailProbes} probes";
        TestContext.Current.SendDiagnosticMessage(story);
        Assert.True(stats.Timeouts == 0, story);
        Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(60), story);
    }

    [Fact]
    public void A_browser_whose_thread_is_late_loses_nothing_in_its_socket_buffer()
    {
        // An echo of 1 MB with a browser's buffer: 64 kB, doubled by the kernel. A window made from the smoothed round trip grows by the
        // queue it made.
        SctpPair pair = SctpPair.Connected(24, out ushort stream, path: p =>
        {
            p.Latency = TimeSpan.FromMicroseconds(100);
            p.SocketBuffer = 128 * 1024;
        });
        pair.Server.OnMessage = (now, echoed, bytes, _) => pair.Server.Association.Send(now, echoed, bytes, true);
        for (int i = 1; i <= 20; i++)
        {
            pair.Send(pair.Client, stream, new byte[100]);
            Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == i));
        }

        pair.ToClient.ReadEvery = TimeSpan.FromMilliseconds(15);
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(DataSendResult.Queued, pair.Send(pair.Client, stream, new byte[16_384]));
        }

        Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == 84), pair.Story("1 MB comes back"));
        Assert.Equal(0, pair.ToClient.Overflows);
        Assert.Equal(0, pair.Server.Association.Stats.Timeouts + pair.Client.Association.Stats.Timeouts);
    }
}
