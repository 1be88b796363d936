using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Bridge.Configuration;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Testing;
using Bridge.Testing.Lab;
using Bridge.Timing;
using Bridge.Trail;
using Bridge.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Route = Bridge.Rtc.Route;

namespace Bridge.Tests.Transport;

/// <summary>A peer of the host between its browser, its call and the port that all peers share.</summary>
public sealed partial class HostedPeerTests : IDisposable
{
    private static readonly string Offer = File.ReadAllText(
        Path.Combine(Repository.Root, "tests", "Vectors", "sdp", "chromium-156-audio-data-offer.sdp"));

    private readonly MediaEndpoint _endpoint = new(
        Options.Create(new BridgeOptions { UdpPort = 0, Loopback = true, IceTcp = false }),
        Calls.Clocks.Real(),
        new TrailLoggers(NullLoggerFactory.Instance),
        NullLogger<MediaEndpoint>.Instance);

    public void Dispose() => _endpoint.Dispose();

    [Fact]
    public void A_call_that_closes_its_peer_at_the_first_of_many_messages_hears_no_other_and_lets_go_once()
    {
        var call = new ClosingCall();
        using var peer = _endpoint.CreatePeer(call, _endpoint.Trails.Of("c057"));
        using var page = new Page(peer, _endpoint.Addresses[0]);
        page.Until(() => page.Channel is not null && call.Opened == 1, "the channel opened");
        page.SendRaw([255]);
        page.Until(() => _endpoint.Rejected.Noise == 1, "the noise was counted");

        // Little enough for one packet of SCTP: the peer delivers all of them in one go.
        page.SendMessages(20);
        page.Until(() => page.State == RtcPeerState.Closed, "the goodbye came");

        // Waits for whoever still holds the peer.
        peer.Close();
        Assert.Equal(1, call.Messages);
        Assert.Equal(1, call.Closed);
        Assert.Equal([RtcPeerState.Connecting, RtcPeerState.Connected, RtcPeerState.Closed], call.States);
        Assert.Equal(0, _endpoint.PeerCount);
        Assert.Equal(1, _endpoint.Rejected.Noise);
    }

    [Fact]
    public void A_peer_that_restarts_ICE_again_and_again_is_found_by_the_fragments_that_ICE_accepts_and_counts_as_one()
    {
        using var other = _endpoint.CreatePeer(new ClosingCall(), _endpoint.Trails.Of("c057"));
        var peer = _endpoint.CreatePeer(new ClosingCall(), _endpoint.Trails.Of("c057"));
        List<string> answered = [];
        for (var restart = 0; restart < 5; restart++)
        {
            Assert.True(peer.TryAnswer(UfragLine().Replace(Offer, $"a=ice-ufrag:page{restart}"), out var answer, out var refusal), refusal);
            answered.Add(UfragLine().Match(answer).Groups[1].Value);
        }

        Assert.Equal(5, answered.Distinct().Count());
        Assert.Equal(answered[3..], peer.LocalUfrags);
        Assert.Equal(2, _endpoint.PeerCount);
        Assert.Equal([true, true, true, false, false], answered.Select(ufrag =>
        {
            var before = _endpoint.Unclaimed.Total;
            _endpoint.Dispatch(ForgedCheck.To(ufrag), new Route(TransportAddress.From(new IPEndPoint(IPAddress.Loopback, 9)), 0));
            return _endpoint.Unclaimed.Total > before;
        }));
        peer.Dispose();
        Assert.Equal(1, _endpoint.PeerCount);
    }

    [GeneratedRegex("a=ice-ufrag:(\\S+)")]
    private static partial Regex UfragLine();

    /// <summary>A call with so full an inbox that it closes its peer with every message.</summary>
    private sealed class ClosingCall : IMediaPeerObserver
    {
        private int _opened;

        public int Opened => Volatile.Read(ref _opened);

        public int Messages { get; private set; }

        public int Closed { get; private set; }

        public List<RtcPeerState> States { get; } = [];

        public void PeerStateChanged(IMediaPeer peer, RtcPeerState state) => States.Add(state);

        public void AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime)
        {
        }

        public void AudioReceived(IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level)
        {
        }

        public void DtmfReceived(IMediaPeer peer, char digit)
        {
        }

        public void PortOpened(IMediaPeer peer) => Interlocked.Increment(ref _opened);

        public void PortClosed(IMediaPeer peer) => Closed++;

        public void MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary)
        {
            Messages++;
            peer.Close();
        }

        public void PortWritable(IMediaPeer peer)
        {
        }
    }

    /// <summary>The browser's side, on a socket of loopback and the test's own thread.</summary>
    private sealed class Page : IDisposable
    {
        private readonly Socket _socket;
        private readonly DtlsIdentity _identity = OpenSslIdentity.Create();
        private readonly RtcPeer _rtc;
        private readonly RecordingSink _sink;
        private readonly IPEndPoint _host;
        private readonly HostClock _clock = Calls.Clocks.Real();
        private readonly byte[] _buffer = new byte[2048];

        public Page(MediaPeer peer, IPEndPoint host)
        {
            _host = host;
            _socket = new Socket(host.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20 };
            _socket.Bind(new IPEndPoint(host.Address, 0));
            _sink = new RecordingSink((datagram, to) =>
            {
                if (to.Remote == TransportAddress.From(host))
                {
                    SendRaw(datagram);
                }
            });
            _rtc = new RtcPeer(_clock.Now, SystemEntropy.Instance, new RtcPeerOptions
            {
                Identity = _identity,
                Role = RtcRole.Client,
                LocalCandidates = [new LocalCandidate(TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!), 0)],
            });
            Assert.True(peer.TryAnswer(_rtc.CreateOffer(_clock.Now), out var answer, out var refusal), refusal);
            Assert.True(_rtc.TryAcceptAnswer(_clock.Now, answer, out refusal), refusal);
        }

        public ushort? Channel { get; private set; }

        public RtcPeerState State => _rtc.State;

        public void SendRaw(ReadOnlySpan<byte> datagram) => _socket.SendTo(datagram, SocketFlags.None, _host);

        public void SendMessages(int count)
        {
            for (var message = 0; message < count; message++)
            {
                Assert.Equal(DataSendResult.Queued, _rtc.Send(_clock.Now, Channel!.Value, "hello"u8, binary: false));
            }

            _rtc.Advance(_clock.Now, _sink);
        }

        /// <summary>Lets the two sides talk until something is so.</summary>
        public void Until(Func<bool> condition, string what)
        {
            var patience = _clock.Now + TimeSpan.FromSeconds(60);
            while (!condition())
            {
                Assert.True(_clock.Now < patience, "never: " + what);
                Channel ??= _rtc.OpenDataChannel(_clock.Now, new DataChannelOptions { Label = "bridge" });
                _rtc.Advance(_clock.Now, _sink);
                try
                {
                    var sender = new SocketAddress(_socket.AddressFamily);
                    var length = _socket.ReceiveFrom(_buffer, SocketFlags.None, sender);
                    _rtc.Receive(_clock.Now, _buffer.AsSpan(0, length), new Route(TransportAddress.From(sender), 0));
                }
                catch (SocketException silence) when (silence.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                {
                    // The client's own timers are looked at next.
                }
            }
        }

        public void Dispose()
        {
            _rtc.Dispose();
            _socket.Dispose();
            _identity.Dispose();
        }
    }
}
