using Bridge.Rtc.Rtp;

namespace Bridge.Fuzz.Targets;

/// <summary>RTP headers with extensions, and compound RTCP.</summary>
internal sealed class RtpTarget : FuzzTarget
{
    // Packets of a compound that tell outcomes apart: with every further one they would multiply without end.
    private const int LongestStory = 3;

    public override string Name => "rtp";

    public override IEnumerable<byte[]> Seeds() =>
    [
        Convert.FromHexString("906f000100000001deadbeefbede00021030221234ff0000f8fffe"),
        Convert.FromHexString("906f000100000001deadbeef1000000201030102030400fff8fffe0a"),
        Convert.FromHexString("b26f000100000001deadbeef00000001000000021000000101020304f8fffe000004"),
        Convert.FromHexString("80c8000600000001e1e2e3e4f1f2f3f4000000010000000a00000064"),
        Convert.FromHexString("81c9000700000001deadbeef0000000000000001000000000000000000000000"),
        Convert.FromHexString("81cd000300000001deadbeef00010003"),
        Convert.FromHexString("a1cb000200000001036279650000000000000004"),
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        int outcome = 0;
        if (RtpHeader.TryParse(input, out RtpHeader header))
        {
            Require(header.Length <= input.Length, "The header is longer than its packet.");
            int extensions = 0;
            RtpExtensions walk = new(input, header);
            while (walk.MoveNext() && extensions < 1000)
            {
                extensions++;
            }

            bool paid = header.TryGetPayload(input, out ReadOnlySpan<byte> payload);
            outcome = HashCode.Combine(
                1, Math.Min(extensions, 6), paid, payload.IsEmpty, header.ExtensionProfile != 0, header.Padded, header.Marker);
        }

        ReadOnlySpan<byte> compound = input;
        int packets = 0;
        while (RtcpPacket.TryTake(ref compound, out RtcpPacket packet))
        {
            packets++;
            if (packets <= LongestStory)
            {
                outcome = HashCode.Combine(outcome, packet.Type is >= 200 and <= 207 ? packet.Type : 0, packet.Body.IsEmpty);
            }

            Require(packets <= input.Length / 4, "A compound has more packets than words.");
        }

        return HashCode.Combine(outcome, Math.Min(packets, LongestStory + 1));
    }
}
