using System.Text;
using Bridge.Rtc.Ice;

namespace Bridge.Fuzz.Targets;

/// <summary>The value of an a=candidate line.</summary>
internal sealed class CandidateTarget : FuzzTarget
{
    public override string Name => "candidate";

    public override IEnumerable<byte[]> Seeds() =>
    [
        "candidate:1 1 udp 2122260223 192.0.2.2 51111 typ host generation 0 ufrag abcd network-id 1"u8.ToArray(),
        "candidate:842163049 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active generation 0"u8.ToArray(),
        "a=candidate:3 1 UDP 2122260223 0f8c6c3e-1111-4222-9333-aaaaaaaaaaaa.local 40000 typ host"u8.ToArray(),
        "candidate:4 1 udp 1677729535 203.0.113.5 3478 typ srflx raddr 192.0.2.2 rport 51111"u8.ToArray(),
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        bool parsed = IceCandidate.TryParse(Encoding.UTF8.GetString(input), out IceCandidate candidate);
        return HashCode.Combine(
            parsed, candidate.Address is null, candidate.Address?.Protocol, candidate.TcpType is null, candidate.Component == 1);
    }
}
