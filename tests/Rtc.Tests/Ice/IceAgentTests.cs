using Bridge.Rtc.Ice;
using Bridge.Rtc.Stun;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Ice;

public sealed class IceAgentTests
{
    private static readonly Instant Now = new(99);
    private static readonly Route Here = new(TransportAddress.FromIPv4(0xC0000201, 1000), 0);
    private static readonly Route There = new(TransportAddress.FromIPv4(0xC0000202, 2000), 1);

    [Fact]
    public void A_lite_agent_answers_to_whoever_knows_the_password_and_follows_nominations()
    {
        var lab = new Lab(RtcRole.Server);
        Assert.True(lab.Receive(lab.Check(nominate: false), Here));
        Assert.Equal(Here, lab.Agent.Selected);
        Assert.True(lab.Receive(lab.Check(nominate: true), There));
        Assert.Equal(There, lab.Agent.Selected);
        Assert.True(lab.Receive(lab.Check(nominate: false), Here));
        Assert.Equal(There, lab.Agent.Selected);
        Assert.Equal([StunClass.Success, StunClass.Success, StunClass.Success], lab.Sent().Select(s => s.Class));
    }

    [Fact]
    public void Until_a_nomination_the_route_that_DTLS_uses_is_followed_and_afterwards_no_longer()
    {
        var lab = new Lab(RtcRole.Server);
        lab.Receive(lab.Check(nominate: false), Here);
        lab.Receive(lab.Check(nominate: false), There);
        Assert.Equal(Here, lab.Agent.Selected);
        lab.Agent.Prefer(There);
        Assert.Equal(There, lab.Agent.Selected);
        lab.Receive(lab.Check(nominate: true), Here);
        lab.Agent.Prefer(There);
        Assert.Equal(Here, lab.Agent.Selected);
    }

    [Fact]
    public void Once_DTLS_is_connected_a_nominated_route_is_followed_when_media_come_from_there()
    {
        var lab = new Lab(RtcRole.Server);
        lab.Receive(lab.Check(nominate: true), Here);
        lab.Agent.Secure(Here);
        lab.Receive(lab.Check(nominate: true), There);
        Assert.Equal((Here, There), (lab.Agent.Selected!.Value, lab.Agent.Pending!.Value));

        // A newer check on the old route, as of a browser that looks after both, keeps the nomination.
        lab.Receive(lab.Check(nominate: false), Here);
        lab.Agent.Follow(Here);
        Assert.Equal(Here, lab.Agent.Selected);
        lab.Agent.Follow(There);
        Assert.Equal(There, lab.Agent.Selected);
        Assert.Null(lab.Agent.Pending);
    }

    [Fact]
    public void A_handshake_that_completes_elsewhere_than_nominated_leaves_the_nomination_waiting()
    {
        var lab = new Lab(RtcRole.Server);
        lab.Receive(lab.Check(nominate: false), Here);
        lab.Receive(lab.Check(nominate: true), There);
        Assert.Equal(There, lab.Agent.Selected);
        lab.Agent.Secure(Here);
        Assert.Equal((Here, There), (lab.Agent.Selected!.Value, lab.Agent.Pending!.Value));
    }

    [Fact]
    public void A_nomination_sent_again_from_elsewhere_moves_nothing()
    {
        var lab = new Lab(RtcRole.Server);
        byte[] check = lab.Check(nominate: true);
        Assert.True(lab.Receive(check, Here));
        Assert.True(lab.Receive(check, There));
        Assert.Equal(Here, lab.Agent.Selected);
    }

    [Fact]
    public void A_wrong_password_a_wrong_name_and_no_integrity_get_no_answer()
    {
        var lab = new Lab(RtcRole.Server);
        Assert.False(lab.Receive(lab.Check(true, password: "not the password at all!"), Here));
        Assert.False(lab.Receive(lab.Check(true, ufrag: "someone"), Here));
        byte[] bare = new byte[20];
        lab.Check(true).AsSpan(0, 20).CopyTo(bare);
        bare[2] = bare[3] = 0;
        Assert.False(lab.Receive(bare, Here));
        Assert.Null(lab.Agent.Selected);
        Assert.Empty(lab.Sent());
        Assert.Equal(3, lab.Stats.StunRejected);
    }

    [Fact]
    public void A_lite_agent_sends_a_side_that_claims_to_be_controlled_back_to_controlling()
    {
        var lab = new Lab(RtcRole.Server);
        lab.Receive(lab.Check(nominate: false, controlling: false), Here);
        Assert.Equal([(StunClass.Error, 487)], lab.Sent());
        Assert.Null(lab.Agent.Selected);
    }

    [Fact]
    public void An_unknown_attribute_that_must_be_understood_is_named_in_the_error()
    {
        var lab = new Lab(RtcRole.Server);
        lab.Receive(lab.Check(nominate: true, unknown: true), Here);
        Assert.Equal([(StunClass.Error, 420)], lab.Sent());
        Assert.Null(lab.Agent.Selected);
    }

    [Theory, InlineData(ulong.MaxValue), InlineData(0UL)]
    public void Two_controlling_agents_settle_it_by_their_tie_breakers(ulong theirs)
    {
        var lab = new Lab(RtcRole.Client);
        lab.Receive(lab.Check(nominate: false, controlling: true, tieBreaker: theirs), Here);
        Assert.Equal(theirs == 0 ? (StunClass.Error, 487) : (StunClass.Success, 0), lab.Sent()[0]);
    }

    [Fact]
    public void A_controlling_agent_that_is_told_of_a_conflict_switches_and_checks_again()
    {
        var lab = new Lab(RtcRole.Client);
        lab.Agent.AddRemoteCandidate(new IceCandidate(Here.Remote, 1, 1, null));
        lab.Agent.Advance(Now);
        TransactionId sent = lab.LastRequest(out bool controlling);
        Assert.True(controlling);
        byte[] buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Error, sent);
        writer.AddErrorCode(487, "Role Conflict"u8);
        Assert.True(lab.Receive(buffer[..writer.Finish(Lab.RemoteKey)], Here));
        lab.Agent.Advance(Now);
        lab.LastRequest(out controlling);
        Assert.False(controlling);
    }

    [Fact]
    public void An_answer_from_where_no_check_went_counts_for_nothing()
    {
        var lab = new Lab(RtcRole.Client);
        lab.Agent.AddRemoteCandidate(new IceCandidate(Here.Remote, 1, 1, null));
        lab.Agent.Advance(Now);
        TransactionId sent = lab.LastRequest(out _);
        byte[] buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Success, sent);
        writer.AddXorMappedAddress(Here.Remote);
        byte[] response = buffer[..writer.Finish(Lab.RemoteKey)];
        Assert.False(lab.Receive(response, There));
        Assert.Null(lab.Agent.Selected);
        Assert.True(lab.Receive(response, Here));
        Assert.Equal(Here, lab.Agent.Selected);
    }

    [Fact]
    public void Old_credentials_are_answered_until_the_new_ones_are_nominated()
    {
        var lab = new Lab(RtcRole.Server);
        Assert.True(lab.Receive(lab.Check(nominate: true), Here));
        (string ufrag, string password) = (lab.Agent.LocalUfrag, lab.Agent.LocalPassword);
        lab.Agent.Restart();
        Assert.True(lab.Receive(lab.Check(true, password, ufrag), There));
        Assert.Equal(Here, lab.Agent.Selected);
        Assert.True(lab.Receive(lab.Check(true), There));
        Assert.Equal(There, lab.Agent.Selected);
        Assert.False(lab.Receive(lab.Check(true, password, ufrag), Here));
    }

    [Fact]
    public void A_remote_side_that_roams_for_ever_leaves_few_routes_behind()
    {
        var lab = new Lab(RtcRole.Server);
        for (uint i = 0; i < 100; i++)
        {
            lab.Receive(lab.Check(nominate: i == 0), new Route(TransportAddress.FromIPv4(i + 1, 5), 0));
        }

        Assert.True(lab.Agent.IsProven(new Route(TransportAddress.FromIPv4(1, 5), 0)));
        Assert.True(lab.Agent.IsProven(new Route(TransportAddress.FromIPv4(100, 5), 0)));
        Assert.False(lab.Agent.IsProven(new Route(TransportAddress.FromIPv4(20, 5), 0)));
    }

    private sealed class Lab
    {
        public const string RemoteUfrag = "rmt1";
        public const string RemotePassword = "0123456789012345678901";

        public static readonly byte[] RemoteKey = "0123456789012345678901"u8.ToArray();

        private readonly SeededEntropy _entropy = new(1);
        private readonly OutputQueue _output;
        private readonly List<byte[]> _sent = [];

        public Lab(RtcRole role)
        {
            _output = new OutputQueue(Stats, limited: role == RtcRole.Server);
            var options = new RtcPeerOptions
            {
                Identity = new FakeDtlsIdentity(_entropy), Role = role, LocalCandidates = [new(TransportAddress.FromIPv4(1, 1), 0)],
            };
            Agent = new IceAgent(_entropy, options, _output, Stats);
            Agent.SetRemote(RemoteUfrag, RemotePassword);
        }

        public RtcStats Stats { get; } = new();

        public IceAgent Agent { get; }

        public bool Receive(byte[] datagram, Route from) => Agent.Receive(Now, datagram, from);

        public byte[] Check(
            bool nominate,
            string? password = null,
            string? ufrag = null,
            bool controlling = true,
            ulong tieBreaker = 1,
            bool unknown = false)
        {
            byte[] buffer = new byte[300];
            var writer = new StunWriter(buffer, StunClass.Request, TransactionId.Draw(_entropy));
            writer.AddUsername(ufrag ?? Agent.LocalUfrag, RemoteUfrag);
            writer.AddPriority(1);
            writer.AddTieBreaker(controlling, tieBreaker);
            if (nominate)
            {
                writer.AddUseCandidate();
            }

            if (unknown)
            {
                // UNKNOWN-ATTRIBUTES stands in for an attribute nobody expects in a request.
                writer.AddUnknownAttributes(0x7777);
            }

            return buffer[..writer.Finish(System.Text.Encoding.ASCII.GetBytes(password ?? Agent.LocalPassword))];
        }

        public (StunClass Class, int Error)[] Sent()
        {
            Drain();
            return [.. _sent.Select(datagram =>
            {
                Assert.True(StunMessage.TryParse(datagram, out StunMessage message));
                return (message.Class, message.ErrorCode);
            })];
        }

        public TransactionId LastRequest(out bool controlling)
        {
            Drain();
            Assert.True(StunMessage.TryParse(_sent[^1], out StunMessage message));
            Assert.Equal(StunClass.Request, message.Class);
            controlling = message.ControllingTieBreaker is not null;
            return message.Transaction;
        }

        private void Drain() => _output.Drain(new RecordingSink((datagram, _) => _sent.Add(datagram.ToArray())));
    }
}
