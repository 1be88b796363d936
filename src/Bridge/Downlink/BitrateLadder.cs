using Bridge.Rtc;

namespace Bridge.Downlink;

/// <summary>
/// Chooses how the agent's speech is encoded, from what the browser reports of the path. A queue that builds up takes it down at once, to
/// what the path was seen to carry; up it goes a step at a time, after a probe. Loss without a queue changes nothing.
/// docs/decisions/0062-a-ladder-of-bitrates.md.
/// </summary>
internal sealed class BitrateLadder
{
    /// <summary>The codec's own, bit/s.</summary>
    public const int FullBitrate = 48_000;

    private const double UsableShare = 0.9;
    private const double LossOfRedundancy = 0.02; // src/Rtc adds RED from here on
    private const double LossOfPolicer = 1.0 / 3;
    private const double GrowthPerSecond = 0.08;
    private const double UnlimitedRate = 4_000_000;
    private const double DataPacketTime = 0.04; // seconds that one packet of data may take on the link
    private const int ShortestDataPacket = 200;
    private const int LongestDataPacket = 1_200;

    private static readonly TimeSpan LongQueue = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortQueue = TimeSpan.FromMilliseconds(35);
    private static readonly TimeSpan NoQueue = TimeSpan.FromMilliseconds(20);

    // The time a packet takes on the link is no wait: a report can't tell them apart, but the rate can.
    private static readonly TimeSpan MaxPacketTime = TimeSpan.FromMilliseconds(50);

    // A burst of data is gone by then, and a rate that was taken for too wide is found out.
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(3);

    // Reports on packets that were under way before a step still come.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan LossSettling = TimeSpan.FromSeconds(3);

    private readonly PathWindow _window = new();
    private readonly StepProbe _probe = new();
    private readonly ProbeTimes _times = new();
    private DownlinkStep[] _steps = Steps(TimeSpan.FromMilliseconds(120));
    private int _index;
    private double? _capacity;
    private double? _proved; // as much as was seen to pass; the capacity is taken to grow beyond it, so that a step up is tried
    private Instant _last;
    private Instant _settled;
    private bool _began;
    private Instant _doubted; // since when there has been a queue that the step does not explain
    private Instant? _doubtedLast;

    /// <summary>The step of the moment; any thread may read it.</summary>
    public DownlinkStep Step => Volatile.Read(ref _steps)[Volatile.Read(ref _index)];

    /// <summary>Why it is that one.</summary>
    public StepReason Reason { get; private set; }

    /// <summary>The time that packets wait in a queue of the path; null when it is not known.</summary>
    public TimeSpan? Queue => _window.Standing;

    /// <summary>The share of packets lost, 0 to 1.</summary>
    public double Loss => _window.Loss;

    /// <summary>Bit/s that the path is known to carry, all headers counted; null when it was never full.</summary>
    public double? Capacity => _capacity;

    /// <summary>Additions that the peer may make to the encoded audio.</summary>
    public OutgoingShape Shape => new(
        WithoutRedundancy: !Step.MayRepeat,
        _probe.Padding,
        _proved is { } rate ? (int)(rate * UsableShare / 8) : null,
        _proved is { } link ? (int)Math.Clamp(link * DataPacketTime / 8, ShortestDataPacket, LongestDataPacket) : LongestDataPacket);

    /// <summary>Takes the longest packet that the browser accepts.</summary>
    public void SetMaxPacketTime(TimeSpan longest) => Volatile.Write(ref _steps, Steps(longest));

    /// <summary>Takes news of the path. True when the step is another one now.</summary>
    public bool Take(in PathReport report)
    {
        var now = report.At;
        var passed = _began && now > _last ? Math.Min((now - _last).TotalSeconds, 1) : 0;
        _settled = _began ? _settled : now;
        (_last, _began) = (now, true);
        _window.Add(WithoutPacketTime(report));
        Grow(passed);
        var queue = _window.Standing;
        if (_probe.Padding > 0)
        {
            _probe.Advance(now);
            return Try(now, report, queue);
        }

        if (now < _settled)
        {
            return false;
        }

        if (queue > LongQueue && !_window.IsFalling)
        {
            return Fall(now);
        }

        if (queue <= LongQueue && _window.Loss > LossOfPolicer)
        {
            _settled = now + LossSettling;
            return Enter(now, _index + 1, StepReason.Loss);
        }

        return _index > 0 && now >= _times.Next && queue <= NoQueue && Rise(now);
    }

    private static DownlinkStep[] Steps(TimeSpan longest)
    {
        var frames = Math.Clamp((int)(longest.TotalMilliseconds / 20), 1, 3);
        return
        [
            new DownlinkStep(FullBitrate, 1, MayRepeat: true),
            new DownlinkStep(FullBitrate, 1, MayRepeat: false),
            new DownlinkStep(24_000, 1, MayRepeat: false),
            new DownlinkStep(16_000, Math.Min(2, frames), MayRepeat: false),
            new DownlinkStep(8_000, Math.Min(3, frames), MayRepeat: false),
        ];
    }

    private int WireRate(int index) => _steps[index].WireRate(_window.Loss >= LossOfRedundancy);

    private bool Fall(Instant now)
    {
        _settled = now + Settling;
        if (_window.Rate is not { } rate)
        {
            return Enter(now, _index + 1, StepReason.Queue);
        }

        _capacity = _proved = rate;
        var target = _index;
        while (target < _steps.Length - 1 && WireRate(target) > UsableShare * rate)
        {
            target++;
        }

        if (target > _index)
        {
            return Enter(now, target, StepReason.Queue);
        }

        // The path carries this step. Where data filled the queue, their limit is the remedy.
        _doubted = _doubtedLast is { } last && now - last < Doubt / 2 ? _doubted : now;
        _doubtedLast = now;
        return now - _doubted >= Doubt && Enter(now, _index + 1, StepReason.Queue);
    }

    private PathReport WithoutPacketTime(in PathReport report)
    {
        if (_capacity is not { } rate || report.ArrivalSpan is null)
        {
            return report;
        }

        var bits = (WireRate(_index) * Step.PacketTime.TotalSeconds) + (_probe.Padding * 8);
        var own = TimeSpan.FromSeconds(Math.Min(bits / rate, MaxPacketTime.TotalSeconds));
        return report with { LeastQueue = Less(report.LeastQueue), LatestQueue = Less(report.LatestQueue)!.Value };

        TimeSpan? Less(TimeSpan? queue) => queue is { } time && time > own ? time - own : queue is null ? null : TimeSpan.Zero;
    }

    private bool Rise(Instant now)
    {
        var (own, wanted) = (WireRate(_index), WireRate(_index - 1));
        if (wanted <= own)
        {
            return Enter(now, _index - 1, StepReason.Room);
        }

        if (_capacity < wanted)
        {
            // It is taken to be wider each second in which nothing waits.
            return false;
        }

        var bytes = ((1.05 * wanted) - own) * Step.PacketTime.TotalSeconds / 8;
        _probe.Begin(now, (byte)Math.Clamp(bytes, 1, byte.MaxValue), _window.Loss);
        return false;
    }

    private bool Try(Instant now, in PathReport report, TimeSpan? queue)
    {
        // Round trips are few: a single long one ends the probe.
        var latest = report.ArrivalSpan is null ? report.LeastQueue : queue;
        var room = latest > ShortQueue ? false : _probe.Judge(report);
        if (room is null)
        {
            return false;
        }

        _probe.End();
        _settled = now + Settling;
        if (room == true)
        {
            _capacity = _capacity is { } known ? Math.Max(known, WireRate(_index - 1) / UsableShare) : null;
            _proved = _proved is { } passed ? Math.Max(passed, WireRate(_index - 1) / UsableShare) : null;
            return Enter(now, _index - 1, StepReason.Room);
        }

        if (_window.Rate is { } seen && !(seen > _capacity))
        {
            _capacity = _proved = seen;
        }

        _times.Failed(now);
        return false;
    }

    private bool Enter(Instant now, int index, StepReason reason)
    {
        index = Math.Clamp(index, 0, _steps.Length - 1);
        if (index == _index)
        {
            return false;
        }

        if (index > _index)
        {
            _times.Fell(now);
        }
        else
        {
            _times.Climbed(now);
        }

        _doubtedLast = null;
        Volatile.Write(ref _index, index);
        Reason = index == 0 ? StepReason.Full : reason;
        return true;
    }

    // A path that is not known to be full is taken to be a little wider each second, as far as the next step needs to be tried.
    private void Grow(double seconds)
    {
        if (_capacity is { } rate && _window.Standing <= NoQueue)
        {
            var grown = rate * (1 + (GrowthPerSecond * seconds));
            var needed = _index > 1 ? WireRate(_index - 1) / UsableShare : double.MaxValue;
            _capacity = grown > UnlimitedRate ? null : Math.Max(rate, Math.Min(grown, needed));
            _proved = _index > 1 ? _proved : _capacity;
        }
    }
}
