using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Unordered delivery, independent streams, and partial reliability (RFC 3758).</summary>
public sealed class ReliabilityTests
{
    [Fact]
    public void An_unordered_message_overtakes_a_lost_one()
    {
        SctpPair pair = SctpPair.Connected(30, out ushort stream, new DataChannelOptions { Label = "u", Ordered = false });
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        pair.Send(pair.Client, stream, "first");
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.Send(pair.Client, stream, "second");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 2));
        Assert.Equal(["second", "first"], pair.Server.Texts);
        Assert.False(pair.Server.Opened[0].Channel.Ordered);
    }

    [Fact]
    public void A_loss_on_one_channel_holds_up_no_other()
    {
        SctpPair pair = SctpPair.Connected(31, out ushort first);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "other" }, out ushort second);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        pair.Send(pair.Client, first, "held up");
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.Send(pair.Client, second, new byte[3000]);
        pair.Send(pair.Client, second, "goes on");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 3));
        Assert.Equal([second, second, first], pair.Server.Messages.Select(m => m.Stream));
        Assert.Equal(["goes on", "held up"], pair.Server.Texts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_without_repetition_is_given_up_and_the_next_goes_on(bool ordered)
    {
        SctpPair pair = SctpPair.Connected(
            32, out ushort stream, new DataChannelOptions { Label = "p", Ordered = ordered, MaxRetransmits = 0 });
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        pair.Send(pair.Client, stream, "lost");
        pair.RunFor(TimeSpan.FromMilliseconds(2));
        pair.Send(pair.Client, stream, "kept");
        pair.RunFor(TimeSpan.FromSeconds(2));
        pair.Send(pair.Client, stream, "after");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 2));
        Assert.Equal(["kept", "after"], pair.Server.Texts);
        Assert.Equal(1, pair.Client.Association.Stats.MessagesAbandoned);
        Assert.Equal((ushort)0, pair.Server.Opened[0].Channel.MaxRetransmits);
        Assert.Equal(0, pair.Client.Association.Stats.Retransmissions);
    }

    [Fact]
    public void A_message_is_sent_again_as_often_as_allowed()
    {
        SctpPair pair = SctpPair.Connected(33, out ushort stream, new DataChannelOptions { Label = "p", MaxRetransmits = 3 });
        pair.RunFor(TimeSpan.FromSeconds(1));
        int data = 0;
        pair.ToServer.Drop = p =>
        {
            if (p[12] == (byte)ChunkType.Data)
            {
                data++;
                return true;
            }

            return false;
        };
        pair.Send(pair.Client, stream, "never");
        pair.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(4, data);
        pair.ToServer.Drop = null;
        pair.Send(pair.Client, stream, "again");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal(["again"], pair.Server.Texts);
    }

    [Fact]
    public void A_message_past_its_lifetime_is_given_up_even_when_half_of_it_has_arrived()
    {
        SctpPair pair = SctpPair.Connected(
            34, out ushort stream, new DataChannelOptions { Label = "p", MaxLifetime = TimeSpan.FromMilliseconds(150) });
        pair.RunFor(TimeSpan.FromSeconds(1));
        // 24 packets fill the first window; then the path dies for half a second.
        pair.Send(pair.Client, stream, new byte[100_000]);
        pair.RunFor(TimeSpan.FromMilliseconds(10));
        pair.ToServer.Loss = 1;
        pair.RunFor(TimeSpan.FromMilliseconds(500));
        pair.ToServer.Loss = 0;
        pair.Send(pair.Client, stream, "fresh");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal(["fresh"], pair.Server.Texts);
        Assert.Equal(1, pair.Client.Association.Stats.MessagesAbandoned);
        pair.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(0, pair.Client.Association.BufferedAmount(stream));
        Assert.Equal(DeadlineReason.SctpHeartbeat, pair.Client.Deadline.Why);
    }

    [Fact]
    public void What_expires_in_the_queue_is_never_sent()
    {
        SctpPair pair = SctpPair.Connected(
            35, out ushort stream, new DataChannelOptions { Label = "p", MaxLifetime = TimeSpan.FromMilliseconds(50) });
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.ToServer.Loss = 1;
        pair.Send(pair.Client, stream, new byte[200_000]);
        pair.Send(pair.Client, stream, "stale");
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.ToServer.Loss = 0;
        pair.Send(pair.Client, stream, "fresh");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal(["fresh"], pair.Server.Texts);
        Assert.Equal(2, pair.Client.Association.Stats.MessagesAbandoned);
    }

    [Fact]
    public void Under_heavy_loss_an_unreliable_channel_delivers_whole_messages_in_order()
    {
        SctpPair pair = SctpPair.Connected(
            36, out ushort stream, new DataChannelOptions { Label = "p", MaxRetransmits = 1 }, path: p => p.Loss = 0);
        pair.ToServer.Loss = pair.ToClient.Loss = 0.25;
        pair.ToServer.Jitter = TimeSpan.FromMilliseconds(5);
        Random random = new(36);
        for (int i = 0; i < 300; i++)
        {
            byte[] message = new byte[random.Next(4, 5000)];
            BitConverter.TryWriteBytes(message, i);
            message.AsSpan(4).Fill((byte)i);
            pair.Send(pair.Client, stream, message);
            pair.RunFor(TimeSpan.FromMilliseconds(10));
        }

        pair.ToServer.Loss = pair.ToClient.Loss = 0;
        pair.Send(pair.Client, stream, BitConverter.GetBytes(300));
        Assert.True(
            pair.RunUntil(() => pair.Server.Messages.Count > 0 && BitConverter.ToInt32(pair.Server.Messages[^1].Bytes) == 300),
            pair.Story("the last one arrives"));
        int last = -1;
        foreach ((_, byte[] bytes, _) in pair.Server.Messages)
        {
            int number = BitConverter.ToInt32(bytes);
            Assert.True(number > last, pair.Story("messages keep their order"));
            Assert.All(bytes[4..], b => Assert.Equal((byte)number, b));
            last = number;
        }

        Assert.True(pair.Client.Association.Stats.MessagesAbandoned > 5, pair.Story("some are given up"));
        Assert.True(pair.Server.Messages.Count > 150, pair.Story($"most arrive, {pair.Server.Messages.Count} did"));
    }
}
