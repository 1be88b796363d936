// A page speaks and hears itself, writes and reads itself: a WebRTC server on one UDP socket and one thread.
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Stun;

var app = WebApplication.Create(args);
using var identity = OpenSslIdentity.Create();
using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
socket.Bind(new IPEndPoint(IPAddress.Any, 0));
var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
var addresses = NetworkInterface.GetAllNetworkInterfaces()
    .SelectMany(network => network.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address))
    .Where(address => address.AddressFamily == AddressFamily.InterNetwork);
var options = new RtcPeerOptions
{
    Identity = identity,
    LocalCandidates = [.. addresses.Select(address => new LocalCandidate(TransportAddress.From(address, port), 0))],
};
var gate = new Lock();
var peers = new List<EchoPeer>();

app.MapGet("/", () => Results.File(Path.Combine(app.Environment.ContentRootPath, "index.html"), "text/html"));
app.MapPost("/offer", async (HttpRequest request) =>
{
    var offer = await new StreamReader(request.Body).ReadToEndAsync();
    lock (gate)
    {
        var echo = new EchoPeer(new RtcPeer(Now(), SystemEntropy.Instance, options), socket);
        peers.Add(echo);
        return echo.Peer.TryAnswer(Now(), offer, out var answer, out var refusal) ? Results.Text(answer) : Results.BadRequest(refusal);
    }
});
new Thread(Carry) { IsBackground = true }.Start();
app.Run();

static Instant Now() => new(Environment.TickCount64 * TimeSpan.TicksPerMillisecond);

void Carry()
{
    var buffer = new byte[2048];
    while (true)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var heard = socket.Poll(TimeSpan.FromMilliseconds(10), SelectMode.SelectRead);
        var datagram = heard ? buffer.AsSpan(0, socket.ReceiveFrom(buffer, ref from)) : [];
        lock (gate)
        {
            // A STUN check names its peer; everything else comes from an address that a check has proved.
            var remote = TransportAddress.From((IPEndPoint)from);
            var ufrag = StunDemux.TryReadUfrag(datagram, out var name) ? Encoding.ASCII.GetString(name) : null;
            var owner = peers.Find(echo => ufrag is null ? echo.Peer.SelectedRoute?.Remote == remote : echo.Peer.LocalUfrag == ufrag);
            owner?.Peer.Receive(Now(), datagram, new(remote, 0));
            foreach (var over in peers.Where(echo => !echo.Run(Now())).ToArray())
            {
                peers.Remove(over);
                over.Peer.Dispose();
            }
        }
    }
}

/// <summary>A peer that sends back each audio packet and each message.</summary>
internal sealed class EchoPeer(RtcPeer peer, Socket socket) : IRtcSink
{
    public RtcPeer Peer => peer;

    private readonly Queue<Action<Instant>> _answers = new(); // a sink must not call its peer

    /// <summary>Gives out what waits; false once the connection is over.</summary>
    public bool Run(Instant now)
    {
        peer.Advance(now, this);
        while (_answers.TryDequeue(out var answer))
        {
            answer(now);
            peer.Advance(now, this);
        }

        return peer.State is not (RtcPeerState.Closed or RtcPeerState.Failed);
    }

    public void Transmit(ReadOnlySpan<byte> datagram, Bridge.Rtc.Route to) => socket.SendTo(datagram, to.Remote.ToIPEndPoint());

    public void AudioReceived(in RtpPacket packet)
    {
        var (payload, timestamp, marker) = (packet.Payload.ToArray(), packet.Timestamp, packet.Marker);
        _answers.Enqueue(now => peer.TrySendAudio(now, payload, timestamp, marker));
    }

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        var copy = message.ToArray();
        _answers.Enqueue(now => peer.Send(now, stream, copy, binary));
    }
}
