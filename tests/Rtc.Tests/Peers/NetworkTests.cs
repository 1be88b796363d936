using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Peers;

/// <summary>Calls on bad networks.</summary>
public sealed class NetworkTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    [Theory, InlineData(0.05), InlineData(0.1), InlineData(0.2), InlineData(0.3)]
    public void With_loss_the_audio_that_arrives_is_whole_and_data_channels_lose_and_reorder_nothing(double loss)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var pair = new PeerPair(
                seed, o => o with { OfferNack = false, Redundancy = Redundancy.Off }, o => o with { Redundancy = Redundancy.Off });
            pair.Network.Conditions.Loss = loss;
            pair.Network.Conditions.Jitter = TimeSpan.FromMilliseconds(10);
            pair.Connect();
            ushort stream = Open(pair);
            Talk(pair, 500);
            for (int i = 0; i < 200; i++)
            {
                Assert.Equal(DataSendResult.Queued, pair.Client.Send(stream, BitConverter.GetBytes(i)));
            }

            pair.RunUntil(() => pair.Server.Sink.Messages.Count == 200, TimeSpan.FromSeconds(60), "all messages");
            pair.RunFor(TimeSpan.FromSeconds(12));
            Assert.Equal(Enumerable.Range(0, 200), pair.Server.Sink.Messages.Select(m => BitConverter.ToInt32(m.Data)));
            int[] heard = Numbers(pair.Server);
            Assert.Equal(heard.Length, heard.Distinct().Count());
            Assert.InRange(heard.Length, 500 * (1 - loss - 0.08), 500 * (1 - loss + 0.08));
            Assert.Equal(heard.Length, pair.Server.Peer.Stats.AudioPacketsReceived);

            // Losses before the first and after the last packet heard can't be seen.
            Assert.InRange(pair.Server.Peer.Stats.AudioPacketsLost, 500 - heard.Length - 20, 500 - heard.Length);
        }
    }

    [Theory, InlineData(0.1), InlineData(0.2)]
    public void Retransmission_brings_back_nearly_everything_within_its_time(double loss)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var pair = new PeerPair(seed, o => o with { Redundancy = Redundancy.Off }, o => o with { Redundancy = Redundancy.Off });
            pair.Network.Conditions.Loss = loss;
            pair.Connect();
            Talk(pair, 500);
            pair.RunFor(TimeSpan.FromSeconds(12));
            int[] heard = Numbers(pair.Server);
            Assert.Equal(heard.Length, heard.Distinct().Count());
            Assert.True(heard.Length >= 490, $"{heard.Length} of 500 heard, seed {seed}");
            Assert.True(pair.Server.Peer.Stats.RecoveredFromRetransmission > 500 * loss / 2);
            Assert.True(pair.Client.Peer.Stats.Retransmissions >= pair.Server.Peer.Stats.RecoveredFromRetransmission);
        }
    }

    [Fact]
    public void Redundancy_fills_single_losses_at_once()
    {
        using var pair = new PeerPair(
            3, o => o with { OfferNack = false, Redundancy = Redundancy.Always }, o => o with { Redundancy = Redundancy.Always });
        pair.Connect();
        pair.Network.Conditions.Loss = 0.1;
        Talk(pair, 500);
        pair.RunFor(TimeSpan.FromSeconds(12));
        Assert.True(pair.Server.Peer.Stats.RecoveredFromRed > 25, $"{pair.Server.Peer.Stats.RecoveredFromRed} recovered");
        int[] heard = Numbers(pair.Server);
        Assert.True(heard.Length >= 480, $"{heard.Length} of 500 heard");
        Assert.Equal(heard.Length, heard.Distinct().Count());
        foreach (RecordingSink.Audio packet in pair.Server.Sink.AudioPackets)
        {
            Assert.Equal((uint)BitConverter.ToInt32(packet.Payload) * 960, packet.Timestamp);
            Assert.Equal(80, packet.Payload.Length);
        }
    }

    [Fact]
    public void Redundancy_begins_when_reports_show_loss_and_ends_when_they_no_longer_do()
    {
        using PeerPair pair = new PeerPair(4, o => o with { OfferNack = false }).Connect();
        pair.Network.Conditions.Loss = 0.15;
        Talk(pair, 1000);
        pair.RunFor(TimeSpan.FromSeconds(10));
        long recovered = pair.Server.Peer.Stats.RecoveredFromRed;
        Assert.True(recovered > 5, $"{recovered} recovered");
        pair.Network.Conditions.Loss = 0;
        pair.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(0, pair.Client.Peer.Stats.RemoteLoss);
    }

    [Fact]
    public void Four_hundred_milliseconds_of_jitter_with_reordering_and_duplication_deliver_every_packet_once()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var pair = new PeerPair(seed);
            pair.Network.Conditions.Jitter = TimeSpan.FromMilliseconds(400);
            pair.Network.Conditions.Duplication = 0.2;
            pair.Network.Conditions.Reorder = 0.2;
            pair.Connect();
            ushort stream = Open(pair);
            Talk(pair, 300);
            for (int i = 0; i < 100; i++)
            {
                pair.Server.Send(stream, BitConverter.GetBytes(i));
            }

            pair.RunFor(TimeSpan.FromSeconds(30));
            Assert.Equal(Enumerable.Range(0, 300), Numbers(pair.Server).Order());
            Assert.Equal(Enumerable.Range(0, 100), pair.Client.Sink.Messages.Select(m => BitConverter.ToInt32(m.Data)));
            Assert.True(pair.Server.Peer.Stats.SrtpReplayed > 20);
            Assert.True(pair.Server.Peer.Stats.Jitter > 960, $"jitter {pair.Server.Peer.Stats.Jitter}");
        }
    }

    [Theory, InlineData(1200 + 48), InlineData(1280)]
    public void A_small_MTU_lets_everything_through(int mtu)
    {
        using var pair = new PeerPair(9, identities: _ => OpenSslIdentity.Create());
        pair.Network.Conditions.Mtu = mtu;
        pair.Connect();
        ushort stream = Open(pair);
        byte[] big = new byte[200_000];
        new Random(1).NextBytes(big);
        pair.Client.Send(stream, big);
        pair.Server.Send(stream, big);
        pair.RunUntil(
            () => pair.Server.Sink.Messages.Count == 1 && pair.Client.Sink.Messages.Count == 1, TimeSpan.FromSeconds(20), "both messages");
        Assert.Equal(big, pair.Server.Sink.Messages[0].Data);
        Assert.Equal(big, pair.Client.Sink.Messages[0].Data);
        Assert.True(pair.Network.LongestDatagram <= 1200, $"{pair.Network.LongestDatagram}");
        Assert.Equal(0, pair.Network.Lost);
    }

    [Fact]
    public void An_ICE_restart_under_traffic_loses_no_packet_and_no_message()
    {
        using PeerPair pair = new PeerPair(7).Connect();
        ushort stream = Open(pair);
        Talk(pair, 500);
        pair.Every(TimeSpan.FromMilliseconds(50), 200, i => pair.Client.Send(stream, BitConverter.GetBytes(i)));
        string before = pair.Server.Peer.LocalUfrag;
        pair.At(TimeSpan.FromSeconds(3), () => pair.Negotiate());
        pair.RunFor(TimeSpan.FromSeconds(15));
        Assert.NotEqual(before, pair.Server.Peer.LocalUfrag);
        Assert.Equal(1, pair.Server.Peer.Stats.IceRestarts);
        Assert.Equal(Enumerable.Range(0, 500), Numbers(pair.Server));
        Assert.Equal(Enumerable.Range(0, 500), Numbers(pair.Client));
        Assert.Equal(Enumerable.Range(0, 200), pair.Server.Sink.Messages.Select(m => BitConverter.ToInt32(m.Data)));
        Assert.Equal([RtcPeerState.Connecting, RtcPeerState.Connected], pair.Server.Sink.States);
    }

    [Fact]
    public void Silence_disconnects_after_five_seconds_and_a_sign_of_life_connects_again()
    {
        using PeerPair pair = new PeerPair(8).Connect();
        pair.RunFor(TimeSpan.FromSeconds(10));
        pair.Network.Conditions.Loss = 1;
        pair.RunFor(TimeSpan.FromSeconds(9));
        Assert.Equal(RtcPeerState.Disconnected, pair.Server.Peer.State);
        Assert.Equal(RtcPeerState.Disconnected, pair.Client.Peer.State);
        pair.Network.Conditions.Loss = 0;
        pair.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(
            [RtcPeerState.Connecting, RtcPeerState.Connected, RtcPeerState.Disconnected, RtcPeerState.Connected],
            pair.Server.Sink.States);
        Assert.Equal(RtcPeerState.Connected, pair.Client.Peer.State);
    }

    [Fact]
    public void Silence_of_thirty_seconds_fails_and_an_ICE_restart_brings_the_call_back()
    {
        using PeerPair pair = new PeerPair(9).Connect();
        ushort stream = Open(pair);
        pair.Network.Conditions.Loss = 1;
        pair.RunFor(TimeSpan.FromSeconds(40));
        Assert.Equal(RtcPeerState.Failed, pair.Server.Peer.State);
        Assert.Equal(RtcPeerState.Failed, pair.Client.Peer.State);
        Assert.False(pair.Server.SendAudio(1));
        pair.Network.Conditions.Loss = 0;
        pair.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(RtcPeerState.Failed, pair.Server.Peer.State);
        pair.Connect();
        pair.Client.Send(stream, "back"u8.ToArray());
        Talk(pair, 10);
        pair.RunUntil(() => pair.Server.Sink.Messages.Count == 1, TimeSpan.FromSeconds(5), "the message");
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(10, pair.Server.Sink.AudioPackets.Count);
    }

    [Fact]
    public void Configured_silence_is_kept()
    {
        using PeerPair pair = new PeerPair(
            10, serverOptions: o =>
                o with { DisconnectedAfter = TimeSpan.FromSeconds(8), FailedAfter = TimeSpan.FromSeconds(12) }).Connect();
        pair.RunFor(TimeSpan.FromSeconds(1));
        Instant heard = pair.Now;
        pair.Network.Conditions.Loss = 1;
        pair.RunUntil(() => pair.Server.Peer.State == RtcPeerState.Disconnected, TimeSpan.FromSeconds(20), "disconnected");
        Assert.InRange(pair.Now - heard, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8));
        pair.RunUntil(() => pair.Server.Peer.State == RtcPeerState.Failed, TimeSpan.FromSeconds(20), "failed");
        Assert.InRange(pair.Now - heard, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void A_lost_last_DTLS_flight_is_sent_again()
    {
        using var pair = new PeerPair(11);
        int dropped = 0;
        pair.Network.Drop = (_, to, datagram) => to == pair.Client.Address && datagram[0] == 22 && datagram[3] == 4 && dropped++ < 3;
        pair.Connect();
        Assert.Equal(4, dropped);
        Talk(pair, 5);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(5, pair.Server.Sink.AudioPackets.Count);
    }

    [Fact]
    public void Nobody_who_answers_no_check_is_ever_connected_and_the_attempt_ends()
    {
        using var pair = new PeerPair(12);
        pair.Network.Conditions.Loss = 1;
        pair.Negotiate();
        pair.RunFor(TimeSpan.FromSeconds(31));
        Assert.Equal([RtcPeerState.Connecting, RtcPeerState.Failed], pair.Server.Sink.States);
        Assert.NotNull(pair.Server.Peer.Failure);
    }

    [Fact]
    public void A_call_connects_over_IPv6_where_IPv4_is_dead_and_the_other_way_round()
    {
        foreach (bool six in (bool[])[true, false])
        {
            using var pair = new PeerPair(
                13, serverAddresses: ["198.51.100.1:5081", "[2001:db8::1]:5081", "198.51.100.2:5081"], clientAddresses:
                [
                    "192.0.2.1:40000", "[2001:db8::2]:40000",
                ]);
            pair.Network.Drop = (_, to, _) => to.IsIPv4 == six;
            pair.Connect();
            Assert.Equal(!six, pair.Server.Peer.SelectedRoute!.Value.Remote.IsIPv4);
            Assert.Equal(six ? 1 : 0, pair.Client.Peer.SelectedRoute!.Value.Local);
            Talk(pair, 5);
            pair.RunFor(TimeSpan.FromSeconds(1));
            Assert.Equal(5, pair.Server.Sink.AudioPackets.Count);
        }
    }

    [Fact]
    public void Where_UDP_is_blocked_a_call_connects_over_TCP()
    {
        using var pair = new PeerPair(
            15, serverAddresses: ["198.51.100.1:5081", "tcp:198.51.100.1:5081"], clientAddresses:
            [
                "192.0.2.1:40000", "tcp:192.0.2.1:40001",
            ]);
        pair.Network.Drop = (_, to, _) => to.Protocol == TransportProtocol.Udp;
        pair.Connect();
        Assert.Equal(TransportProtocol.Tcp, pair.Server.Peer.SelectedRoute!.Value.Remote.Protocol);
        Assert.Equal(1, pair.Server.Peer.SelectedRoute!.Value.Local);
        ushort stream = Open(pair);
        pair.Server.Send(stream, "over TCP"u8.ToArray());
        Talk(pair, 5);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(5, pair.Server.Sink.AudioPackets.Count);
        Assert.Single(pair.Client.Sink.Messages);
    }

    [Fact]
    public void An_outage_of_ten_minutes_loses_no_message_that_was_taken()
    {
        using PeerPair pair = new PeerPair(16).Connect();
        ushort stream = Open(pair);
        pair.Network.Conditions.Loss = 1;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(DataSendResult.Queued, pair.Client.Send(stream, BitConverter.GetBytes(i)));
        }

        pair.RunFor(TimeSpan.FromMinutes(10));
        Assert.Equal(RtcPeerState.Failed, pair.Server.Peer.State);
        pair.Network.Conditions.Loss = 0;
        pair.Connect();
        pair.RunUntil(() => pair.Server.Sink.Messages.Count == 10, TimeSpan.FromSeconds(10), "the messages");
        Assert.Equal(Enumerable.Range(0, 10), pair.Server.Sink.Messages.Select(m => BitConverter.ToInt32(m.Data)));
    }

    [Fact]
    public void An_idle_connection_whose_checks_come_rarely_does_not_flicker()
    {
        // As with Firefox and a call over text alone: a check every 4 to 6 s.
        using PeerPair pair = new PeerPair(17, o => o with { OfferAudio = false }).Connect();
        Open(pair);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Instant passed = pair.Now;
        pair.Network.Drop = (_, to, datagram) =>
        {
            bool check = to == pair.Server.Address && datagram[0] == 0;
            bool tooSoon = check && pair.Now - passed < TimeSpan.FromSeconds(6);
            passed = check && !tooSoon ? pair.Now : passed;
            return tooSoon;
        };
        pair.RunFor(TimeSpan.FromMinutes(2));
        Assert.Equal([RtcPeerState.Connecting, RtcPeerState.Connected], pair.Server.Sink.States);
    }

    [Fact]
    public void Closing_tells_the_other_side_and_ends_the_channels()
    {
        foreach (bool byServer in (bool[])[true, false])
        {
            using PeerPair pair = new PeerPair(14).Connect();
            ushort stream = Open(pair);
            (PeerPair.Side closing, PeerPair.Side other) = byServer ? (pair.Server, pair.Client) : (pair.Client, pair.Server);
            closing.Peer.Close(pair.Now);
            pair.RunFor(TimeSpan.FromSeconds(1));
            Assert.Equal(RtcPeerState.Closed, closing.Peer.State);
            Assert.Equal(RtcPeerState.Closed, other.Peer.State);
            Assert.Equal([stream], closing.Sink.Closed);
            Assert.Equal([stream], other.Sink.Closed);
            Assert.Equal(DataSendResult.Closed, other.Send(stream, [1]));
            Assert.False(closing.SendAudio(1));
        }
    }

    internal static ushort Open(PeerPair pair)
    {
        ushort stream = pair.Client.Peer.OpenDataChannel(pair.Now, new() { Label = "bridge" })!.Value;
        pair.RunUntil(() => pair.Server.Sink.Opened.Count > 0, TimeSpan.FromSeconds(20), "the channel opens");
        return stream;
    }

    internal static void Talk(PeerPair pair, int packets) => pair.Every(Tick, packets, i =>
    {
        pair.Client.SendAudio(i);
        pair.Server.SendAudio(i);
    });

    internal static int[] Numbers(PeerPair.Side side) => [.. side.Sink.AudioPackets.Select(p => BitConverter.ToInt32(p.Payload))];
}
