using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Channels that close properly (RFC 6525, RFC 8831 §6.7).</summary>
public sealed class ClosingTests
{
    [Fact]
    public void A_closed_channel_is_closed_on_both_sides_and_its_number_is_used_again()
    {
        SctpPair pair = SctpPair.Connected(40, out ushort stream);
        pair.Client.Association.CloseChannel(pair.Now, stream);
        Assert.Equal(DataSendResult.NoChannel, pair.Send(pair.Client, stream, "late"));
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.ClosedChannels.Count == 1));
        Assert.Equal(0, pair.Client.Association.ChannelCount);
        Assert.Equal(0, pair.Server.Association.ChannelCount);
        Assert.True(pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "again" }, out ushort second));
        Assert.Equal(stream, second);
        pair.Send(pair.Client, second, "hello again");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        Assert.Equal("again", pair.Server.Opened[1].Channel.Label);
        Assert.Equal(SctpState.Established, pair.Client.Association.State);
    }

    [Fact]
    public void What_was_queued_arrives_before_the_channel_closes()
    {
        SctpPair pair = SctpPair.Connected(41, out ushort stream, path: p => p.Loss = 0.1);
        byte[] message = new byte[150_000];
        new Random(41).NextBytes(message);
        pair.Send(pair.Client, stream, message);
        pair.Client.Association.CloseChannel(pair.Now, stream);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.ClosedChannels.Count == 1));
        Assert.Equal(message, pair.Server.Messages.Single().Bytes);
    }

    [Fact]
    public void Both_sides_may_close_at_once()
    {
        SctpPair pair = SctpPair.Connected(42, out ushort stream);
        pair.Client.Association.CloseChannel(pair.Now, stream);
        pair.Server.Association.CloseChannel(pair.Now, stream);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.ClosedChannels.Count == 1));
        pair.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal([stream], pair.Client.ClosedChannels);
        Assert.Equal(DeadlineReason.SctpHeartbeat, pair.Client.Deadline.Why);
    }

    [Fact]
    public void Channels_open_and_close_through_loss_a_thousand_times_without_a_trace()
    {
        SctpPair pair = SctpPair.Connected(43, out _, path: p =>
        {
            p.Loss = 0.1;
            p.Latency = TimeSpan.FromMilliseconds(2);
        });
        for (int i = 0; i < 1000; i++)
        {
            SctpEnd opener = i % 2 == 0 ? pair.Client : pair.Server;
            SctpEnd other = i % 2 == 0 ? pair.Server : pair.Client;
            int opened = other.Opened.Count;
            int openerClosed = opener.ClosedChannels.Count;
            int otherClosed = other.ClosedChannels.Count;
            int got = other.Messages.Count;
            Assert.True(opener.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = $"c{i}" }, out ushort stream));
            pair.Send(opener, stream, $"m{i}");
            Assert.True(
                pair.RunUntil(() => other.Opened.Count == opened + 1 && other.Messages.Count == got + 1), pair.Story($"channel {i} opens"));
            SctpEnd closer = i % 3 == 0 ? other : opener;
            closer.Association.CloseChannel(pair.Now, stream);
            Assert.True(
                pair.RunUntil(() => opener.ClosedChannels.Count == openerClosed + 1 && other.ClosedChannels.Count == otherClosed + 1),
                pair.Story($"channel {i} closes"));
        }

        Assert.Equal(1, pair.Client.Association.ChannelCount);
        Assert.Equal(1, pair.Server.Association.ChannelCount);
        Assert.InRange(pair.Client.Opened.Select(o => o.Stream).Max(), 0, 16);
    }

    [Fact]
    public void A_channel_closed_before_the_handshake_never_appears()
    {
        SctpPair pair = new(44);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "gone" }, out ushort gone);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "here" }, out ushort here);
        pair.Client.Association.CloseChannel(pair.Now, gone);
        pair.Client.Association.Connect(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Server.Opened.Count == 1));
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(here, pair.Server.Opened.Single().Stream);
        Assert.Equal([gone], pair.Client.ClosedChannels);
    }

    [Fact]
    public void A_negotiated_channel_needs_no_OPEN()
    {
        SctpPair pair = new(45);
        DataChannelOptions agreed = new() { Label = "agreed", NegotiatedStream = 7 };
        pair.Client.Association.Connect(pair.Now);
        Assert.True(pair.Client.Association.TryOpenChannel(pair.Now, agreed, out _));
        Assert.True(pair.Server.Association.TryOpenChannel(pair.Now, agreed, out ushort stream));
        Assert.Equal(7, stream);
        Assert.False(pair.Server.Association.TryOpenChannel(pair.Now, agreed, out _));
        Assert.True(pair.RunUntil(() => pair.Client.EstablishedCount + pair.Server.EstablishedCount == 2));
        pair.Send(pair.Server, 7, "hi");
        Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == 1));
    }

    [Fact]
    public void A_stream_is_reset_after_its_data_arrived_even_when_the_request_overtakes_it()
    {
        SctpPair pair = SctpPair.Connected(46, out ushort stream);
        pair.RunFor(TimeSpan.FromSeconds(1));
        int seen = 0;
        pair.ToServer.Drop = p => p[12] == (byte)ChunkType.Data && seen++ == 0;
        pair.Send(pair.Client, stream, "last words");
        pair.Client.Association.CloseChannel(pair.Now, stream);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedChannels.Count == 1 && pair.Server.ClosedChannels.Count == 1));
        Assert.Equal(["last words"], pair.Server.Texts);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(14)]
    public void Every_chunk_of_the_orderly_end_may_be_lost_once(byte lost)
    {
        SctpPair pair = SctpPair.Connected(47, out ushort stream);
        int dropped = 0;
        bool Drop(byte[] packet) => packet[12] == lost && dropped++ == 0;
        pair.ToServer.Drop = Drop;
        pair.ToClient.Drop = Drop;
        pair.Send(pair.Client, stream, "bye");
        pair.Client.Association.Shutdown(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedBy is not null && pair.Server.ClosedBy is not null), pair.Story("both end"));
        Assert.True(dropped >= 1);
        Assert.Equal(SctpCloseReason.Shutdown, pair.Client.ClosedBy);
        Assert.Equal(SctpCloseReason.Shutdown, pair.Server.ClosedBy);
        Assert.Equal(["bye"], pair.Server.Texts);
    }

    [Fact]
    public void Both_sides_may_end_in_order_at_once()
    {
        SctpPair pair = SctpPair.Connected(48, out _);
        pair.Client.Association.Shutdown(pair.Now);
        pair.Server.Association.Shutdown(pair.Now);
        Assert.True(pair.RunUntil(() => pair.Client.ClosedBy is not null && pair.Server.ClosedBy is not null));
        Assert.Equal(SctpCloseReason.Shutdown, pair.Client.ClosedBy);
        Assert.Equal(SctpCloseReason.Shutdown, pair.Server.ClosedBy);
    }
}
