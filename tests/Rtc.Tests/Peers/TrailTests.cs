using Bridge.Testing;

namespace Bridge.Rtc.Tests.Peers;

/// <summary>The sink hears why something was thrown away (style: why was it dropped?).</summary>
public sealed class TrailTests
{
    private static readonly Route Stranger = new(TransportAddress.FromIPv4(0xCB007101, 666), 0);

    [Fact]
    public void Each_datagram_that_is_thrown_away_has_its_reason()
    {
        using PeerPair pair = new PeerPair(61).Connect();
        Route known = pair.Server.Peer.SelectedRoute!.Value;
        pair.Server.Sink.Drops.Clear();

        Receive(pair, [0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], Stranger);
        Expect(pair, DropReason.UnprovenAddress, 13);
        Receive(pair, [0x50, 1, 2, 3], known);
        Expect(pair, DropReason.UnknownProtocol, 4);
        Receive(pair, [0, 1, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Stranger);
        Expect(pair, DropReason.StunMalformed, 20);
        Receive(pair, [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Stranger);
        Expect(pair, DropReason.StunUsername, 20);
        Receive(pair, [0x80, 111, 0, 1, .. new byte[60]], known);
        Expect(pair, DropReason.SrtpUnauthentic, 64);
        Receive(pair, [0x80, 111, 0, 1, .. new byte[10]], known);
        Expect(pair, DropReason.SrtpMalformed, 14);
        Receive(pair, [0x9F, 111, 0, 1, .. new byte[60]], known);
        Expect(pair, DropReason.RtpHeader, 64);
        pair.Server.Peer.Close(pair.Now);
        Receive(pair, [0x50, 1, 2, 3], known);
        Expect(pair, DropReason.NotListening, 4);
    }

    [Fact]
    public void A_connection_tells_its_steps_in_their_order()
    {
        using PeerPair pair = new PeerPair(63).Connect();
        pair.RunUntil(() => pair.Server.Sink.Steps.Count == 4, TimeSpan.FromSeconds(5), "the association");
        string route = $"route {pair.Client.Address}";
        Assert.Equal([route, "DTLS Server", "DTLS connected Aes128CmHmacSha1Tag80", "SCTP established"], pair.Server.Sink.Steps);
        Assert.Equal("DTLS Client", pair.Client.Sink.Steps[1]);

        pair.Server.Sink.Steps.Clear();
        pair.Negotiate();
        pair.RunFor(TimeSpan.FromSeconds(2));
        pair.Client.Peer.Close(pair.Now);
        pair.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(["ICE restart", "SCTP ended AbortedByPeer"], pair.Server.Sink.Steps);
    }

    [Fact]
    public void A_flood_is_told_once_with_its_count()
    {
        using PeerPair pair = new PeerPair(62).Connect();
        pair.Server.Sink.Drops.Clear();
        for (int i = 0; i < 10_000; i++)
        {
            pair.Server.Peer.Receive(pair.Now, new byte[] { 0x80, 0, 0, (byte)i }, Stranger);
        }

        pair.Server.Peer.Advance(pair.Now, pair.Server.Sink);
        Assert.Equal((DropReason.UnprovenAddress, 10_000, 40_000L), pair.Server.Sink.Drops.Single());
        Assert.Equal(10_000, pair.Server.Peer.Stats.StrangersDropped);
    }

    private static void Receive(PeerPair pair, byte[] datagram, Route from)
    {
        Assert.False(pair.Server.Peer.Receive(pair.Now, datagram, from));
        pair.Server.Peer.Advance(pair.Now, pair.Server.Sink);
    }

    private static void Expect(PeerPair pair, DropReason reason, long bytes)
    {
        Assert.Equal((reason, 1, bytes), pair.Server.Sink.Drops.Single());
        pair.Server.Sink.Drops.Clear();
    }
}
