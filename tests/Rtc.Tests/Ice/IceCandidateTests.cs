using System.Globalization;
using Bridge.Rtc.Ice;

namespace Bridge.Rtc.Tests.Ice;

public sealed class IceCandidateTests
{
    [Theory]
    [InlineData("candidate:1560010171 1 udp 2122194687 192.0.2.2 55078 typ host generation 0 network-id 1", "192.0.2.2:55078/udp", null)]
    [InlineData("a=candidate:1535750411 1 UDP 2122265343 fd00::2 53701 typ host", "[fd00::2]:53701/udp", null)]
    [InlineData("candidate:573849379 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0", "192.0.2.2:9/tcp", "active")]
    [InlineData("candidate:2 1 TCP 1518214911 192.0.2.2 443 typ host tcptype passive", "192.0.2.2:443/tcp", "passive")]
    [InlineData("candidate:0 1 UDP 2122187007 5ec74177-ff3f-4462-ae4e-0ba27a1f07b2.local 53014 typ host", null, null)]
    [InlineData("candidate:842163049 1 udp 1677729535 203.0.113.7 61207 typ srflx raddr 10.0.0.1 rport 61207", "203.0.113.7:61207/udp",
        null)]
    public void Candidates_of_browsers_are_read(string line, string? address, string? tcpType)
    {
        Assert.True(IceCandidate.TryParse(line, out IceCandidate candidate));
        Assert.Equal(address, candidate.Address?.ToString());
        Assert.Equal(tcpType, candidate.TcpType);
        Assert.Equal(1, candidate.Component);
    }

    [Theory]
    [InlineData(""), InlineData("candidate:"), InlineData("candidate:1 1 udp 1 192.0.2.2 1"), InlineData("candidate:1 x udp 1 192.0.2.2 1 "
        + "typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.2 70000 typ host"), InlineData("candidate:1 1 udp -1 192.0.2.2 1 typ host"),
        InlineData("candidate:1 1 udp 1 192.0.2.2 1 type host")]
    [InlineData("candidate:1 0 udp 1 192.0.2.2 1 typ host"), InlineData("1 1 udp 1 192.0.2.2 1 typ host")]
    public void What_is_none_is_refused(string line) => Assert.False(IceCandidate.TryParse(line, out _));

    [Fact]
    public void Truncations_and_mutations_never_throw()
    {
        const string Line = "candidate:573849379 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0";
        for (int length = 0; length <= Line.Length; length++)
        {
            Try(Line.AsSpan(0, length));
            for (char c = '\0'; length < Line.Length && c < 128; c++)
            {
                Try(string.Concat(Line.AsSpan(0, length), [c], Line.AsSpan(length + 1)));
            }
        }

        static void Try(ReadOnlySpan<char> line)
        {
            if (IceCandidate.TryParse(line, out IceCandidate candidate))
            {
                Assert.InRange(candidate.Component, 1, 256);
            }
        }
    }

    [Fact]
    public void Every_UDP_candidate_beats_every_TCP_candidate_and_earlier_beats_later()
    {
        uint[] udp = [.. Enumerable.Range(0, 50).Select(i => IceCandidate.HostPriority(TransportProtocol.Udp, i))];
        uint[] tcp = [.. Enumerable.Range(0, 50).Select(i => IceCandidate.HostPriority(TransportProtocol.Tcp, i))];
        Assert.True(udp.Min() > tcp.Max());
        Assert.Equal(udp.OrderDescending(), udp);
        Assert.Equal(tcp.OrderDescending(), tcp);
        Assert.Equal(100, udp.Concat(tcp).Distinct().Count());
    }

    internal static string TcpPriority(int index) =>
        IceCandidate.HostPriority(TransportProtocol.Tcp, index).ToString(CultureInfo.InvariantCulture);
}
