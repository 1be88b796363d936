using Bridge.Rtc;
using Bridge.Rtc.Rtp;

namespace Bridge.Fuzz.Targets;

/// <summary>The FCI of transport-wide feedback on packets that have left (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
internal sealed class FeedbackTarget : FuzzTarget
{
    private const int PacketCount = 64;

    public override string Name => "feedback";

    public override IEnumerable<byte[]> Seeds() =>
    [
        // Three packets by a run length, small deltas; then a vector of two bits, one of one bit, and a large delta.
        Convert.FromHexString("000000030000010020030408" + "0c000000"),
        Convert.FromHexString("0004000700000201d5400404" + "04040400"),
        Convert.FromHexString("0008000e00000302bfff0404040404040404040404040404"),
        Convert.FromHexString("001000020000040340020404fe00"),
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        PathMonitor monitor = new();
        Instant now = new(1_000_000);
        for (int i = 0; i < PacketCount; i++)
        {
            monitor.Sent(now + TimeSpan.FromMilliseconds(20 * i), new SequenceNumber((ushort)i), 200);
        }

        bool told = monitor.TryRead(now + TimeSpan.FromSeconds(2), input, out PathReport report);
        Require(report.Received + report.Lost <= PacketCount, "More packets are told of than left.");
        Require(report.Bytes <= 200 * PacketCount, "More bytes arrived than left.");
        Require(!told || report.ArrivalSpan >= TimeSpan.Zero, "Packets arrived in a negative time.");
        return HashCode.Combine(told, Math.Min(report.Received, 8), Math.Min(report.Lost, 8), monitor.HasFeedback);
    }
}
