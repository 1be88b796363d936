using Bridge.Rtc.Dtls;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Peers;

public sealed class HostileTests
{
    private static readonly Route Stranger = new(TransportAddress.FromIPv4(0xCB007101, 666), 0);

    [Fact]
    public void A_hundred_thousand_random_datagrams_leave_a_call_untouched_and_are_counted()
    {
        using PeerPair pair = new PeerPair(21).Connect();
        var random = new Random(21);
        byte[] noise = new byte[1400];
        Route known = pair.Server.Peer.SelectedRoute!.Value;
        long before = Counted(pair.Server.Peer.Stats);
        for (int i = 0; i < 100_000; i++)
        {
            Span<byte> datagram = noise.AsSpan(0, random.Next(1, 200));
            random.NextBytes(datagram);
            pair.Server.Peer.Receive(pair.Now, datagram, i % 2 == 0 ? Stranger : known);
        }

        RtcStats stats = pair.Server.Peer.Stats;
        Assert.Equal(RtcPeerState.Connected, pair.Server.Peer.State);
        Assert.InRange(Counted(stats) - before, 80_000, 100_000);
        Assert.Equal(0, stats.OutputsDropped);
        pair.Every(TimeSpan.FromMilliseconds(20), 50, i => pair.Client.SendAudio(i));
        pair.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(50, pair.Server.Sink.AudioPackets.Count);
    }

    [Fact]
    public void Noise_in_the_form_of_DTLS_and_SRTP_from_the_right_address_harms_nothing_with_OpenSSL()
    {
        using PeerPair pair = new PeerPair(22, identities: _ => OpenSslIdentity.Create()).Connect();
        var random = new Random(22);
        byte[] noise = new byte[300];
        Route known = pair.Server.Peer.SelectedRoute!.Value;
        byte[] heads = [20, 21, 22, 23, 63, 128, 191];
        for (int i = 0; i < 20_000; i++)
        {
            Span<byte> datagram = noise.AsSpan(0, random.Next(1, 300));
            random.NextBytes(datagram);
            datagram[0] = heads[i % heads.Length];
            if (i % 3 == 0 && datagram.Length > 13)
            {
                // A plausible record header: DTLS 1.2, epoch 1, a length that fits.
                (datagram[1], datagram[2], datagram[3], datagram[4]) = (0xFE, 0xFD, 0, 1);
                (datagram[11], datagram[12]) = (0, (byte)(datagram.Length - 13));
            }

            pair.Server.Peer.Receive(pair.Now, datagram, known);
            Assert.True(
                pair.Server.Peer.State == RtcPeerState.Connected,
                $"{pair.Server.Peer.Failure} after {i}, {datagram.Length} bytes: {Convert.ToHexString(datagram)}");
        }

        pair.Every(TimeSpan.FromMilliseconds(20), 50, i => pair.Client.SendAudio(i));
        pair.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(RtcPeerState.Connected, pair.Server.Peer.State);
        Assert.Equal(50, pair.Server.Sink.AudioPackets.Count);
    }

    [Fact]
    public void A_DTLS_flood_before_any_check_makes_no_engine_and_no_answer()
    {
        using PeerPair pair = new PeerPair(23);
        pair.Network.Conditions.Loss = 1;
        pair.Negotiate();
        byte[] hello = new byte[200];
        hello[0] = 22;
        for (uint i = 0; i < 10_000; i++)
        {
            Assert.False(pair.Server.Peer.Receive(pair.Now, hello, new Route(TransportAddress.FromIPv4(i, 5), 0)));
        }

        Assert.Equal(10_000, pair.Server.Peer.Stats.StrangersDropped);
        long sent = pair.Network.Sent;
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, pair.Server.Peer.Stats.DatagramsSent);
        Assert.True(pair.Network.Sent >= sent);
    }

    [Fact]
    public void A_certificate_that_is_not_the_promised_one_ends_the_attempt_for_good()
    {
        using var pair = new PeerPair(24);
        string offer = pair.Client.Peer.CreateOffer(pair.Now);
        int at = offer.IndexOf("sha-256 ", StringComparison.Ordinal) + 8;
        string forged = offer.Replace(offer.Substring(at, 5), offer[at] == '0' ? "11:11" : "00:00", StringComparison.Ordinal);
        Assert.True(pair.Server.Peer.TryAnswer(pair.Now, forged, out string? answer, out _));
        Assert.True(pair.Client.Peer.TryAcceptAnswer(pair.Now, answer, out _));
        pair.RunUntil(() => pair.Server.Peer.State == RtcPeerState.Failed, TimeSpan.FromSeconds(5), "failed");
        Assert.Contains("fingerprint", pair.Server.Peer.Failure, StringComparison.Ordinal);
        Assert.False(pair.Server.Peer.TryAnswer(pair.Now, forged, out _, out string? refusal));
        Assert.Contains("failed for good", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_never_drains_makes_a_peer_drop_and_not_grow()
    {
        using PeerPair pair = new PeerPair(25).Connect();
        for (int i = 0; i < 5_000; i++)
        {
            pair.Server.SendAudio(i);
        }

        Assert.InRange(pair.Server.Peer.Stats.OutputsDropped, 3_900, 4_100);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(RtcPeerState.Connected, pair.Server.Peer.State);
    }

    [Fact]
    public void Audio_that_was_not_agreed_on_is_neither_sent_nor_delivered()
    {
        using PeerPair pair = new PeerPair(26, o => o with { OfferAudio = false }).Connect();
        Assert.False(pair.Client.SendAudio(1));
        Assert.False(pair.Server.SendAudio(1));
        Assert.Empty(pair.Server.Sink.Formats);
        Assert.NotNull(pair.Client.Peer.OpenDataChannel(pair.Now, new() { Label = "x" }));
    }

    [Fact]
    public void A_payload_that_fits_no_packet_is_refused()
    {
        using PeerPair pair = new PeerPair(27).Connect();
        Assert.False(pair.Server.Peer.TrySendAudio(pair.Now, [], 0, false));
        Assert.False(pair.Server.Peer.TrySendAudio(pair.Now, new byte[1200], 0, false));
        Assert.True(pair.Server.Peer.TrySendAudio(pair.Now, new byte[1100], 0, false));
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(pair.Network.LongestDatagram <= 1200);
        Assert.Single(pair.Client.Sink.AudioPackets);
    }

    private static long Counted(RtcStats stats) =>
        stats.NoiseDropped + stats.StrangersDropped + stats.SrtpUnauthentic + stats.StunRejected + stats.SrtpReplayed;
}
