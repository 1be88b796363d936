using System.Net;
using System.Net.Sockets;
using Bridge.Lab;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Testing;
using Bridge.Transport;
using Route = Bridge.Rtc.Route;

namespace Bridge.Tests.Transport;

/// <summary>
/// Strangers and callers on the TCP side of the media port. Connections are accepted in the order in which they were
/// made, and closed by the host as soon as they announce a datagram that is too long.
/// </summary>
public sealed class TcpTests
{
    private const int MostUnclaimed = 16;
    private const int Patience = 30_000; // of a socket, ms
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");

    [Fact]
    public void A_silent_stranger_costs_next_to_nothing()
    {
        using var endpoint = TestEndpoint.Open();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var route = new Route(TransportAddress.From(IPAddress.Loopback, 9, TransportProtocol.Tcp), 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using TcpConnection connection = new(endpoint, socket, route);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_096);
    }

    [Fact]
    public void Silent_strangers_from_one_address_are_turned_away_beyond_sixteen_and_keep_nobody_else_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there is all of 127/8 this machine's.");
        using var endpoint = TestEndpoint.Open();
        Socket[] strangers = [.. Enumerable.Range(0, MostUnclaimed).Select(_ => Stranger(endpoint, IPAddress.Loopback))];
        using var turnedAway = Stranger(endpoint, IPAddress.Loopback);
        AssertEnds(turnedAway);
        using var elsewhere = Stranger(endpoint, Elsewhere);
        using var another = Stranger(endpoint, IPAddress.Loopback);
        AssertEnds(another);
        Assert.Equal(MostUnclaimed + 1, endpoint.TcpConnections);
        Array.ForEach(strangers, stranger => stranger.Dispose());
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:0:0:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Of_IPv6_a_network_counts_as_one_address(string one, string other, bool same) =>
        Assert.Equal(same, Network(one) == Network(other));

    [Fact]
    public void An_office_of_callers_gets_in_from_one_address()
    {
        using var endpoint = TestEndpoint.Open();
        using DtlsIdentity identity = OpenSslIdentity.Create();
        Socket[] callers = [.. Enumerable.Range(0, 2 * MostUnclaimed).Select(_ => Bound(IPAddress.Loopback))];
        foreach (var caller in callers)
        {
            var check = Check(endpoint, EchoPeer.Create(endpoint), caller, identity);
            Connect(caller, endpoint);
            caller.Send(check);

            // Whoever is answered has proved to be a caller.
            Assert.NotEqual(0, caller.Receive(new byte[StreamFramer.HeaderSize]));
        }

        Assert.Equal(callers.Length, endpoint.TcpConnections);
        Array.ForEach(callers, caller => caller.Dispose());
    }

    [Fact]
    public void A_connection_that_the_host_is_busy_with_keeps_nobody_out()
    {
        using var endpoint = TestEndpoint.Open();
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using HeldPeer peer = new(
            endpoint, new RtcPeer(endpoint.Clock.Now, SystemEntropy.Instance, new RtcPeerOptions { Identity = identity }));
        using var busy = Bound(IPAddress.Loopback);
        using var other = Bound(IPAddress.Loopback);
        var check = Check(endpoint, peer, busy, identity);
        peer.Hold();
        try
        {
            // The check is there before the host turns to the connection that brings it.
            Connect(busy, endpoint);
            busy.Send(check);
            Connect(other, endpoint);
            other.Send([0xFF, 0xFF]);
            AssertEnds(other);
        }
        finally
        {
            peer.LetGo();
        }
    }

    private static UInt128 Network(string address) => TcpListeners.Network(TransportAddress.From(IPAddress.Parse(address), 9));

    private static Socket Bound(IPAddress address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static void Connect(Socket socket, MediaEndpoint endpoint) => socket.Connect(new IPEndPoint(IPAddress.Loopback, endpoint.Port));

    private static Socket Stranger(MediaEndpoint endpoint, IPAddress from)
    {
        var socket = Bound(from);
        Connect(socket, endpoint);
        return socket;
    }

    /// <summary>The first check of a browser that is connected by a socket, framed.</summary>
    private static byte[] Check(MediaEndpoint endpoint, HostedPeer peer, Socket socket, DtlsIdentity identity)
    {
        var start = endpoint.Clock.Now;
        var host = TransportAddress.From(IPAddress.Loopback, endpoint.Port, TransportProtocol.Tcp);
        using RtcPeer client = new(start, SystemEntropy.Instance, new RtcPeerOptions
        {
            Identity = identity,
            Role = RtcRole.Client,
            LocalCandidates = [new LocalCandidate(TransportAddress.From((IPEndPoint)socket.LocalEndPoint!, TransportProtocol.Tcp), 0)],
        });
        Assert.True(peer.TryAnswer(client.CreateOffer(start), out var answer, out var refusal), refusal);
        Assert.True(client.TryAcceptAnswer(start, answer, out refusal), refusal);
        byte[] check = [];
        RecordingSink sink = new((datagram, to) =>
        {
            if (to.Remote == host)
            {
                check = [0, 0, .. datagram];
                StreamFramer.WriteHeader(check, datagram.Length);
            }
        });
        for (var now = start; check.Length == 0; now = client.Advance(now, sink).At)
        {
            Assert.NotEqual(Instant.Distant, now);
        }

        return check;
    }

    private static void AssertEnds(Socket socket)
    {
        try
        {
            Assert.Equal(0, socket.Receive(new byte[1]));
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
    }
}
