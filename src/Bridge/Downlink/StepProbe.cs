using Bridge.Rtc;

namespace Bridge.Downlink;

/// <summary>
/// A trial of a step up: the packets are padded, more and more for a second, then for one and a half to the rate of that step, and no queue
/// may build up.
/// </summary>
internal sealed class StepProbe
{
    private const int LeastPackets = 20;
    private const double MoreLoss = 0.1;
    private static readonly TimeSpan Rise = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(1500);

    private Instant _began;
    private byte _full;
    private TimeSpan _span;
    private int _packets;
    private int _lost;
    private double _lossBefore;

    /// <summary>Bytes that each packet is longer; 0 when nothing is tried.</summary>
    public byte Padding { get; private set; }

    /// <summary>Begins.</summary>
    /// <param name="now">The time.</param>
    /// <param name="padding">Bytes a packet, once it has risen to them.</param>
    /// <param name="loss">The share of packets lost so far.</param>
    public void Begin(Instant now, byte padding, double loss)
    {
        (_began, _span, _packets, _lost, _lossBefore) = (now, TimeSpan.Zero, 0, 0, loss);
        _full = padding;
        Padding = 1;
    }

    /// <summary>Pads more, so that a queue is seen while it is short.</summary>
    public void Advance(Instant now) => Padding = (byte)Math.Clamp(_full * ((now - _began) / Rise), Padding, _full);

    /// <summary>Ends.</summary>
    public void End() => Padding = 0;

    /// <summary>Takes a report without a queue; true once that says there is room, false when too much was lost, else null.</summary>
    public bool? Judge(in PathReport report)
    {
        if (report.At - report.Span < _began + Rise)
        {
            // Part of it left with less.
            return null;
        }

        _span += report.Span;
        _packets += report.Received + report.Lost;
        _lost += report.Lost;
        return _span < Length || _packets < LeastPackets ? null : _lost <= (_lossBefore + MoreLoss) * _packets;
    }
}
