using Bridge.Rtc;

namespace Bridge.Downlink;

/// <summary>The sum of the latest reports: the standing queue, whether it falls, the rate of arrival, the loss.</summary>
internal sealed class PathWindow
{
    private const int Capacity = 32;
    private const int LeastPackets = 3;
    private const int LeastRoundTrips = 2; // a single one is often a hiccup
    private const double LossWeight = 0.01; // of one packet
    private const double ScatteredShare = 0.1; // overtaken packets: more of them are no accident

    // Jitter holds single packets back; a queue holds back all of them for so long.
    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(150);

    // Where packets overtake one another, the shortest of a few is a long one by chance; of so many it is not.
    private static readonly TimeSpan ScatteredStandstill = TimeSpan.FromMilliseconds(1_200);
    private static readonly TimeSpan TrendTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan TrendStep = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RateTime = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan LeastArrivals = TimeSpan.FromMilliseconds(60);

    private readonly PathReport[] _reports = new PathReport[Capacity];
    private readonly TimeSpan?[] _standing = new TimeSpan?[Capacity];
    private long _count;

    /// <summary>The time that every packet of late had to wait in a queue; null before enough of them were reported.</summary>
    public TimeSpan? Standing => _count == 0 ? null : _standing[Index(_count - 1)];

    /// <summary>The share of packets lost, 0 to 1, smoothed over about a hundred.</summary>
    public double Loss { get; private set; }

    /// <summary>The queue is shorter than 300 ms before.</summary>
    public bool IsFalling
    {
        get
        {
            for (var i = _count - 1; i >= Oldest; i--)
            {
                if (_reports[Index(i)].At + TrendTime <= _reports[Index(_count - 1)].At)
                {
                    return _standing[Index(i)] is { } before && Standing is { } now && now < before - TrendStep;
                }
            }

            return false;
        }
    }

    private long Oldest => Math.Max(0, _count - Capacity);

    /// <summary>Takes a report.</summary>
    public void Add(in PathReport report)
    {
        _reports[Index(_count)] = report;
        _count++;
        _standing[Index(_count - 1)] = FindStanding();
        var packets = Math.Max(0, report.Received) + Math.Max(0, report.Lost);
        if (packets > 0)
        {
            var weight = 1 - Math.Pow(1 - LossWeight, packets);
            Loss += weight * ((Math.Max(0, report.Lost) / (double)packets) - Loss);
        }
    }

    /// <summary>The rate at which a busy path delivers, bit/s; null when it was not busy, or not for long enough.</summary>
    public double? Rate
    {
        get
        {
            long bytes = 0;
            TimeSpan arrivals = default;
            for (var i = _count - 1; i >= Oldest && _reports[Index(_count - 1)].At - _reports[Index(i)].At < RateTime; i--)
            {
                ref readonly var report = ref _reports[Index(i)];
                if (report.ArrivalSpan is { } busy && busy > TimeSpan.Zero)
                {
                    bytes += Math.Max(0, report.Bytes);
                    arrivals += busy;
                }
            }

            return arrivals < LeastArrivals ? null : bytes * 8 / arrivals.TotalSeconds;
        }
    }

    private static int Index(long number) => (int)(number % Capacity);

    private TimeSpan? FindStanding()
    {
        TimeSpan span = default, least = TimeSpan.MaxValue;
        int packets = 0, trips = 0;
        var enough = IsScattered() ? ScatteredStandstill : Standstill;
        for (var i = _count - 1; i >= Oldest; i--)
        {
            ref readonly var report = ref _reports[Index(i)];
            if (report.LeastQueue is { } queue)
            {
                least = queue < least ? queue : least;
                span += report.Span;
                packets += report.Received;
                trips += report.ArrivalSpan is null ? 1 : LeastRoundTrips;
            }

            if (span >= enough && packets >= LeastPackets && trips >= LeastRoundTrips)
            {
                return least;
            }
        }

        return null;
    }

    private bool IsScattered()
    {
        long packets = 0, overtaken = 0;
        for (var i = Oldest; i < _count; i++)
        {
            packets += _reports[Index(i)].Received;
            overtaken += _reports[Index(i)].Overtaken;
        }

        return overtaken > ScatteredShare * packets;
    }
}
