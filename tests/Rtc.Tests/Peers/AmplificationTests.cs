using System.Text;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Stun;
using Bridge.Testing;
using static Bridge.Rtc.Tests.Peers.NetworkTests;

namespace Bridge.Rtc.Tests.Peers;

/// <summary>
/// Forged source addresses: what the remote side, which knows every password and key, can make the server send to a stranger.
/// </summary>
public sealed class AmplificationTests
{
    private static readonly TransportAddress Victim = TransportAddress.FromIPv4(0xCB007117, 53);

    [Fact]
    public void A_forged_check_and_a_forged_greeting_draw_at_most_three_times_their_bytes()
    {
        using var pair = new PeerPair(71);
        var attack = new Attack(pair);
        attack.Negotiate();
        attack.Forge(attack.Check(nominate: true));
        attack.Forge([22, 0xFE, 0xFD, 1, .. new byte[16]]);
        pair.RunFor(TimeSpan.FromSeconds(60));
        Assert.True(attack.ToVictim > 100, $"{attack.ToVictim} bytes: the attack drew nothing, so this shows nothing");
        Assert.InRange(attack.ToVictim, 1, 3 * attack.Forged);
        Assert.True(pair.Server.Peer.Stats.AmplificationLimited > 5, "without the limit the flight is repeated for half a minute");
        Assert.Contains(pair.Server.Sink.Drops, drop => drop.Reason == DropReason.AmplificationLimit);
    }

    [Fact]
    public void A_forged_nomination_moves_no_audio()
    {
        using var pair = new PeerPair(73);
        var attack = new Attack(pair);
        attack.Connect();
        Open(pair);
        Talk(pair, 500);
        for (int i = 0; i < 10; i++)
        {
            attack.Forge(attack.Check(nominate: true));
            pair.RunFor(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(pair.Client.Address, pair.Server.Peer.SelectedRoute!.Value.Remote);
        Assert.Equal(Enumerable.Range(0, 500), Numbers(pair.Client));
        Assert.InRange(attack.ToVictim, 1, 3 * attack.Forged);
    }

    [Fact]
    public void Forged_media_behind_a_forged_nomination_draw_at_most_three_times_their_bytes()
    {
        using var pair = new PeerPair(74);
        var attack = new Attack(pair);
        attack.Connect();
        ushort stream = Open(pair);
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.Every(TimeSpan.FromMilliseconds(20), 1500, i => pair.Server.SendAudio(i, length: 160));
        pair.Server.Send(stream, new byte[100_000]);

        // The client sends as ever, and its sender writes the victim's address on everything.
        pair.Network.Move(pair.Client.Address, Victim);
        attack.IsMoved = true;
        attack.Forge(attack.Check(nominate: true));
        pair.Every(TimeSpan.FromMilliseconds(200), 10, i => pair.Client.SendAudio(i));
        pair.RunFor(TimeSpan.FromSeconds(40));
        Assert.True(attack.ToVictim > 1000, $"{attack.ToVictim} bytes: the attack drew nothing, so this shows nothing");
        Assert.InRange(attack.ToVictim, 1, 3 * attack.Forged);
        Assert.True(pair.Server.Peer.Stats.AmplificationLimited > 500, $"{pair.Server.Peer.Stats.AmplificationLimited} withheld");
    }

    [Fact]
    public void A_client_that_only_listens_and_moves_hears_everything_again_after_a_round_trip()
    {
        using PeerPair pair = new PeerPair(75).Connect();
        Open(pair);
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.Every(TimeSpan.FromMilliseconds(20), 1000, i => pair.Server.SendAudio(i, length: 160));
        pair.RunFor(TimeSpan.FromSeconds(5));
        TransportAddress elsewhere = TransportAddress.FromIPv4(0xCB007142, 50_000);
        pair.Network.Move(pair.Client.Address, elsewhere);
        pair.RunUntil(() => pair.Server.Peer.SelectedRoute!.Value.Remote == elsewhere, TimeSpan.FromSeconds(4), "the server follows");
        int before = pair.Client.Sink.AudioPackets.Count;
        pair.RunFor(TimeSpan.FromSeconds(10));

        // Five hundred, and those lost amid the move, which NACK brings back.
        Assert.True(pair.Client.Sink.AudioPackets.Count - before >= 498, $"{pair.Client.Sink.AudioPackets.Count - before} heard");
        Assert.InRange(pair.Server.Peer.Stats.AmplificationLimited, 0, 10);
    }

    [Fact]
    public void A_large_message_outlives_a_move_without_waiting_for_a_timeout()
    {
        using PeerPair pair = new PeerPair(76).Connect();
        ushort stream = Open(pair);
        pair.Every(TimeSpan.FromMilliseconds(20), 500, i => pair.Client.SendAudio(i));
        pair.RunFor(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(DataSendResult.Queued, pair.Server.Send(stream, new byte[200_000]));
        }

        pair.Network.Move(pair.Client.Address, TransportAddress.FromIPv4(0xCB007142, 50_000));
        pair.RunUntil(
            () => pair.Server.Peer.SelectedRoute!.Value.Remote != pair.Client.Address, TimeSpan.FromSeconds(5), "the server follows");
        Instant moved = pair.Now;
        pair.RunUntil(() => pair.Client.Sink.Messages.Count == 8, TimeSpan.FromSeconds(10), "the messages");
        Assert.InRange(pair.Now - moved, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    /// <summary>The remote side of a call with a sender that writes the victim's address on datagrams.</summary>
    private sealed class Attack
    {
        private readonly PeerPair _pair;
        private readonly SeededEntropy _entropy = new(9);
        private string _answer = "";

        public Attack(PeerPair pair)
        {
            _pair = pair;
            pair.Network.Drop = (from, to, datagram) =>
            {
                ToVictim += to == Victim ? datagram.Length : 0;
                Forged += IsMoved && from == Victim ? datagram.Length : 0;

                // The victim answers nothing.
                return to == Victim;
            };
        }

        /// <summary>Bytes that the server sent to the victim.</summary>
        public long ToVictim { get; private set; }

        /// <summary>Bytes that were sent in the victim's name.</summary>
        public long Forged { get; private set; }

        /// <summary>Whether everything the client sends carries the victim's address.</summary>
        public bool IsMoved { get; set; }

        public void Negotiate()
        {
            string offer = _pair.Client.Peer.CreateOffer(_pair.Now);
            Assert.True(_pair.Server.Peer.TryAnswer(_pair.Now, offer, out string? answer, out _));
            _answer = answer;
        }

        public void Connect()
        {
            Negotiate();
            Assert.True(_pair.Client.Peer.TryAcceptAnswer(_pair.Now, _answer, out _));
            _pair.RunUntil(
                () =>
                    _pair.Client.Peer.State == RtcPeerState.Connected
                        && _pair.Server.Peer.State == RtcPeerState.Connected, TimeSpan.FromSeconds(5), "both connected");
        }

        public byte[] Check(bool nominate)
        {
            byte[] buffer = new byte[300];
            var writer = new StunWriter(buffer, StunClass.Request, TransactionId.Draw(_entropy));
            writer.AddUsername(Attribute("ice-ufrag"), "anybody");
            writer.AddPriority(1);
            writer.AddTieBreaker(true, 1);
            if (nominate)
            {
                writer.AddUseCandidate();
            }

            return buffer[..writer.Finish(Encoding.ASCII.GetBytes(Attribute("ice-pwd")))];
        }

        /// <summary>Delivers a datagram in the victim's name.</summary>
        public void Forge(byte[] datagram)
        {
            Forged += datagram.Length;
            _pair.Server.Peer.Receive(_pair.Now, [.. datagram], new Route(Victim, 0));
            _pair.Server.Peer.Advance(_pair.Now, _pair.Server.Sink);
        }

        private string Attribute(string name)
        {
            int at = _answer.IndexOf($"a={name}:", StringComparison.Ordinal) + name.Length + 3;
            return _answer[at.._answer.IndexOf('\r', at)];
        }
    }
}
