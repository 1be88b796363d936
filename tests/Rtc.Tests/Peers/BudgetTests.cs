using Bridge.Rtc.Dtls;
using Bridge.Rtc.Srtp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Peers;

/// <summary>The bytes that a packet and a peer may cost. Memory is measured process-wide, so nothing runs beside them.</summary>
[Collection(nameof(BudgetTests))]
[CollectionDefinition(nameof(BudgetTests), DisableParallelization = true)]
public sealed class BudgetTests
{
    [Theory, InlineData(SrtpProfile.AeadAes128Gcm), InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void Sending_and_receiving_an_audio_packet_allocates_nothing(SrtpProfile profile)
    {
        using PeerPair pair = new PeerPair(
            31,
            o => o with { ReportInterval = TimeSpan.FromHours(1) },
            o => o with { ReportInterval = TimeSpan.FromHours(1) },
            identities: entropy => new FakeDtlsIdentity(entropy, profile)).Connect();
        pair.RunFor(TimeSpan.FromSeconds(1));
        var toServer = new Relay();
        var toClient = new Relay();
        byte[] payload = new byte[100];
        uint timestamp = 0;
        Instant now = pair.Now;
        Route fromClient = pair.Server.Peer.SelectedRoute!.Value;
        Route fromServer = pair.Client.Peer.SelectedRoute!.Value;
        void Once()
        {
            // Within one tick of virtual time, so that no timer has its say.
            timestamp += 960;
            pair.Client.Peer.TrySendAudio(now, payload, timestamp, false, 30);
            pair.Server.Peer.TrySendAudio(now, payload, timestamp, false);
            pair.Client.Peer.Advance(now, toServer);
            pair.Server.Peer.Advance(now, toClient);
            pair.Server.Peer.Receive(now, toServer.Take(), fromClient);
            pair.Client.Peer.Receive(now, toClient.Take(), fromServer);
            pair.Server.Peer.Advance(now, toClient);
            pair.Client.Peer.Advance(now, toServer);
        }

        for (int i = 0; i < 200; i++)
        {
            Once();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Once();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1_200, toClient.Audio);
        Assert.Equal(1_200, toServer.Audio);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void An_idle_connected_peer_holds_at_most_60_kB()
    {
        const int Pairs = 30;
        using OpenSslIdentity identity = OpenSslIdentity.Create();
        PeerPair Make(int seed)
        {
            PeerPair pair = new PeerPair(seed, identities: _ => new Shared(identity)).Connect();
            pair.Client.Peer.OpenDataChannel(pair.Now, new() { Label = "bridge" });
            pair.Every(TimeSpan.FromMilliseconds(20), 100, i =>
            {
                pair.Client.SendAudio(i);
                pair.Server.SendAudio(i);
            });
            pair.RunFor(TimeSpan.FromSeconds(5));
            pair.Client.Sink.AudioPackets.Clear();
            pair.Server.Sink.AudioPackets.Clear();
            return pair;
        }

        Make(1).Dispose();
        long grown = Heap.GrowthWith(
            () => Enumerable.Range(2, Pairs).Select(Make).ToArray(),
            pairs => Assert.All(pairs, pair =>
            {
                Assert.Equal(RtcPeerState.Connected, pair.Server.Peer.State);
                pair.Dispose();
            }));
        long each = grown / (2 * Pairs);

        // The virtual network and the recording sinks are in the figure too.
        Assert.True(each <= 60_000, $"{each} bytes for each peer");
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes for each idle peer");
    }

    [Fact]
    public void Hundreds_of_calls_made_and_ended_leave_no_memory_behind()
    {
        using OpenSslIdentity identity = OpenSslIdentity.Create();
        int calls = Seeds.Long ? 2_000 : 100;
        void Call(int seed)
        {
            using PeerPair pair = new PeerPair(seed, identities: _ => new Shared(identity)).Connect();
            pair.Client.Peer.OpenDataChannel(pair.Now, new() { Label = "bridge" });
            pair.RunFor(TimeSpan.FromMilliseconds(200));
            pair.Client.Peer.Close(pair.Now);
            pair.RunUntil(() => pair.Server.Peer.State == RtcPeerState.Closed, TimeSpan.FromSeconds(2), "closed");
        }

        for (int i = 0; i < 20; i++)
        {
            Call(i);
        }

        int threads = ThreadPool.ThreadCount;
        long grown = Heap.GrowthWith(() =>
        {
            for (int i = 0; i < calls; i++)
            {
                Call(1_000 + i);
            }

            return calls;
        });
        Assert.True(grown < 200_000, $"{grown} bytes more after {calls} calls");
        Assert.InRange(ThreadPool.ThreadCount, 0, threads + 4);
    }

    private sealed class Shared(DtlsIdentity identity) : DtlsIdentity
    {
        public override CertificateFingerprint Fingerprint => identity.Fingerprint;

        public override IDtlsEngine CreateEngine(DtlsRole role, int mtu) => identity.CreateEngine(role, mtu);
    }

    /// <summary>Keeps the latest datagram, without allocating.</summary>
    private sealed class Relay : IRtcSink
    {
        private readonly byte[] _datagram = new byte[2048];
        private int _length;

        public int Audio { get; private set; }

        public Span<byte> Take() => _datagram.AsSpan(0, _length);

        public void Transmit(ReadOnlySpan<byte> datagram, Route to)
        {
            datagram.CopyTo(_datagram);
            _length = datagram.Length;
        }

        public void StateChanged(RtcPeerState state)
        {
        }

        public void AudioNegotiated(in AudioFormat format)
        {
        }

        public void AudioReceived(in RtpPacket packet) => Audio++;

        public void DtmfReceived(in DtmfEvent digit)
        {
        }

        public void ChannelOpened(ushort stream, string label)
        {
        }

        public void ChannelClosed(ushort stream)
        {
        }

        public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
        {
        }

        public void BufferedAmountLow(ushort stream)
        {
        }
    }
}
