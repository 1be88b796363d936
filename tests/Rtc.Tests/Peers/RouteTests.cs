using Bridge.Rtc.Stun;
using Bridge.Testing;
using static Bridge.Rtc.Tests.Peers.NetworkTests;

namespace Bridge.Rtc.Tests.Peers;

/// <summary>Where the server sends when the client turns up at another address.</summary>
public sealed class RouteTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_client_that_changes_its_address_mid_call_is_followed(bool nominatesAgain)
    {
        using PeerPair pair = new PeerPair(6, o => o with { RenewsNomination = nominatesAgain }).Connect();
        ushort stream = Open(pair);
        Talk(pair, 1000);
        pair.RunFor(TimeSpan.FromSeconds(5));
        int heardAtMove = pair.Client.Sink.AudioPackets.Count;
        TransportAddress elsewhere = TransportAddress.FromIPv4(0xCB007142, 50_000);
        pair.Network.Move(pair.Client.Address, elsewhere);
        pair.RunUntil(() => pair.Server.Peer.SelectedRoute!.Value.Remote == elsewhere, TimeSpan.FromSeconds(5), "the server follows");
        pair.Client.Send(stream, "still here"u8.ToArray());
        pair.RunFor(TimeSpan.FromSeconds(15));
        Assert.True(pair.Client.Sink.AudioPackets.Count > heardAtMove + 500);
        Assert.Single(pair.Server.Sink.Messages);
        Assert.Equal(1, pair.Server.Peer.Stats.RouteChanges);
        Assert.DoesNotContain(RtcPeerState.Failed, pair.Server.Sink.States);
        Assert.Equal(RtcPeerState.Connected, pair.Server.Peer.State);
    }

    [Fact]
    public void Without_a_nomination_neither_a_check_nor_data_move_the_server_but_both_together_do()
    {
        using PeerPair pair = new PeerPair(11, o => o with { RenewsNomination = false, OfferAudio = false }).Connect();
        ushort stream = Open(pair);
        pair.RunFor(TimeSpan.FromSeconds(3));
        TransportAddress home = pair.Server.Peer.SelectedRoute!.Value.Remote;
        TransportAddress elsewhere = TransportAddress.FromIPv4(0xCB007142, 50_000);
        var checks = new List<byte[]>();
        pair.Network.Drop = (from, _, datagram) =>
        {
            if (IsCheck(from, datagram))
            {
                checks.Add([.. datagram]);
            }

            return false;
        };
        pair.RunUntil(() => checks.Count > 0, TimeSpan.FromSeconds(5), "a check");
        pair.RunFor(TimeSpan.FromMilliseconds(500));

        // Seen on the way and sent again from elsewhere: it proves the route, and is no newer check. Data may come from there or not.
        Receive(pair, checks[^1], elsewhere);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(home, pair.Server.Peer.SelectedRoute!.Value.Remote);
        byte[]? record = null;
        pair.Network.Drop = (from, _, datagram) =>
        {
            bool take = record is null && from == pair.Client.Address && datagram[0] is >= 20 and <= 63;
            record = take ? [.. datagram] : record;
            return take;
        };
        pair.Client.Send(stream, "one"u8.ToArray());
        pair.RunUntil(() => record is not null, TimeSpan.FromSeconds(5), "a record");
        Receive(pair, record!, elsewhere);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal("one"u8, Assert.Single(pair.Server.Sink.Messages).Data);
        Assert.Equal(home, pair.Server.Peer.SelectedRoute!.Value.Remote);

        // A fresh check from there, while data come from home: a browser that looks after a route in reserve.
        checks.Clear();
        pair.Network.Drop = (from, _, datagram) =>
        {
            bool take = IsCheck(from, datagram);
            if (take)
            {
                checks.Add([.. datagram]);
            }

            return take;
        };
        pair.RunUntil(() => checks.Count > 0, TimeSpan.FromSeconds(5), "another check");
        Receive(pair, checks[0], elsewhere);
        pair.Client.Send(stream, "two"u8.ToArray());
        pair.RunUntil(() => pair.Server.Sink.Messages.Count == 2, TimeSpan.FromSeconds(5), "the second message");
        Assert.Equal(home, pair.Server.Peer.SelectedRoute!.Value.Remote);

        // And now the data, too.
        pair.Network.Drop = null;
        pair.Network.Move(pair.Client.Address, elsewhere);
        pair.Client.Send(stream, "three"u8.ToArray());
        pair.RunUntil(() => pair.Server.Sink.Messages.Count == 3, TimeSpan.FromSeconds(5), "the third message");
        Assert.Equal(elsewhere, pair.Server.Peer.SelectedRoute!.Value.Remote);
        Assert.Equal(1, pair.Server.Peer.Stats.RouteChanges);

        // A binding request of the client; RFC 8489 §5.
        bool IsCheck(TransportAddress from, byte[] datagram) =>
            from == pair.Client.Address && StunMessage.LooksLike(datagram) && datagram[0] == 0 && datagram[1] == 1;

        static void Receive(PeerPair pair, byte[] datagram, TransportAddress from) =>
            pair.Server.Peer.Receive(pair.Now, datagram.ToArray(), pair.Server.Peer.SelectedRoute!.Value with { Remote = from });
    }
}
