using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Transport;

namespace Bridge.Tests.Transport;

/// <summary>A defect in one peer costs that peer alone.</summary>
public sealed class PeerDefectTests
{
    [Fact]
    public async Task A_defect_while_audio_is_sent_on_the_way_out_ends_the_peer_and_leaves_its_gate_open()
    {
        await using var host = await RunningHost.StartAsync();
        var endpoint = host.Get<MediaEndpoint>();
        while (endpoint.PeerCount > 0)
        {
            // The host warms up with peers of its own, which leave again.
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        var others = endpoint.PeerCount;
        using var identity = OpenSslIdentity.Create();
        using var peer = new DefectivePeer(endpoint, identity);
        peer.SendWhileHeld();
        Assert.Equal([RtcPeerState.Failed], peer.States);
        Assert.True(peer.Left);
        Assert.Equal(others, endpoint.PeerCount);
    }

    /// <summary>Fails when it is to give out what audio brought about.</summary>
    private sealed class DefectivePeer(MediaEndpoint endpoint, DtlsIdentity identity)
        : DeafPeer(endpoint, new RtcPeer(endpoint.Clock.Now, new SystemEntropy(), new RtcPeerOptions { Identity = identity }))
    {
        public List<RtcPeerState> States { get; } = [];

        public bool Left { get; private set; }

        public void SendWhileHeld()
        {
            Gate.Enter();
            var clock = new Thread(() => SendAudioNow([1], 0, marker: false));
            clock.Start();
            clock.Join();
            try
            {
                Leave();
            }
            finally
            {
                Left = !Gate.IsHeldByCurrentThread;
                if (!Left)
                {
                    // So that the host can end, and the test with it.
                    Gate.Exit();
                }
            }
        }

        public override void StateChanged(RtcPeerState state) => States.Add(state);

        protected override void Drain(Instant now) => throw new InvalidOperationException("A defect.");
    }
}
