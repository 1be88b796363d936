using System.Text;
using Bridge.Rtc;
using Bridge.Testing;

namespace Bridge.Fuzz.Targets;

/// <summary>Offers, into a whole peer: what it answers is an answer that a peer would take.</summary>
internal sealed class SdpTarget : FuzzTarget
{
    private static readonly SeededEntropy Entropy = new(1);
    private static readonly FakeDtlsIdentity Identity = new(Entropy);
    private static readonly TransportAddress Address = TransportAddress.From(
        new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.1"), 5081));

    public override string Name => "sdp";

    public override int LongestInput => 16_384;

    public override long AllocationLimit => 4 * 1024 * 1024;

    public override int ShortRun => 4_000;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sdp"), "*.sdp").Order())
        {
            yield return File.ReadAllBytes(file);
        }

        using RtcPeer client = new(
            new Instant(0),
            Entropy,
            new RtcPeerOptions { Identity = Identity, Role = RtcRole.Client, LocalCandidates = [new LocalCandidate(Address, 0)] });
        yield return Encoding.UTF8.GetBytes(client.CreateOffer(new Instant(0)));
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        using RtcPeer peer = new(
            new Instant(0), Entropy, new RtcPeerOptions { Identity = Identity, LocalCandidates = [new LocalCandidate(Address, 0)] });
        if (!peer.TryAnswer(new Instant(0), Encoding.UTF8.GetString(input), out string? answer, out string? refusal))
        {
            Require(refusal.Length is > 0 and < 1000, "A refusal is one sentence.");

            // The sentence without what it quotes: its kind.
            return string.GetHashCode(string.Concat(refusal.Where(c => char.IsLetter(c) || c == ' ').Take(24)), StringComparison.Ordinal);
        }

        Require(answer.StartsWith("v=0\r\n", StringComparison.Ordinal), "An answer begins with its version.");
        int lines = 0;
        foreach (string line in answer.Split("\r\n"))
        {
            Require(line.Length == 0 || line[1] == '=', $"A line of the answer is none: {line}");
            Require(
                !line.Contains('\n', StringComparison.Ordinal) && !line.Contains('\r', StringComparison.Ordinal),
                "A line break was smuggled into the answer.");
            lines += line.StartsWith("m=", StringComparison.Ordinal) ? 1 : 0;
        }

        return HashCode.Combine(
            lines,
            answer.Contains("m=audio 0", StringComparison.Ordinal),
            answer.Contains("m=application 0", StringComparison.Ordinal),
            answer.Contains("a=sendrecv", StringComparison.Ordinal),
            answer.Contains("rtcp-fb", StringComparison.Ordinal));
    }
}
