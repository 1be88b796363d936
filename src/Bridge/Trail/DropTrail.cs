using Bridge.Rtc;

namespace Bridge.Trail;

/// <summary>
/// Tells what a call's connections drop: of each reason the first at once, then their sum every 10 s, so that a flood of
/// datagrams is no flood of lines. Any thread may add. Costs nothing while Debug is off.
/// </summary>
internal sealed class DropTrail(ILogger logger, string callId)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly int ReasonCount = Enum.GetValues<DropReason>().Length;

    private readonly Lock _gate = new();
    private Sum[]? _sums;

    /// <summary>Counts drops, and logs them when it is time.</summary>
    /// <param name="now">The peer's time.</param>
    /// <param name="reason">Why.</param>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Bytes of all of them.</param>
    public void Add(Instant now, DropReason reason, int count, long bytes)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        Sum told;
        lock (_gate)
        {
            _sums ??= new Sum[ReasonCount];
            ref var sum = ref _sums[(int)reason];
            sum.Count += count;
            sum.Bytes += bytes;
            if (now < sum.NotBefore)
            {
                return;
            }

            told = sum;
            sum = new Sum { NotBefore = now + Interval };
        }

        Log.Dropped(logger, callId, told.Count, reason, told.Bytes);
    }

    /// <summary>Tells what was counted since the last lines: a connection or the call is over.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            for (var i = 0; i < _sums?.Length; i++)
            {
                if (_sums[i] is { Count: > 0 } rest)
                {
                    _sums[i] = new Sum { NotBefore = rest.NotBefore };
                    Log.Dropped(logger, callId, rest.Count, (DropReason)i, rest.Bytes);
                }
            }
        }
    }

    private struct Sum
    {
        public long Count;
        public long Bytes;
        public Instant NotBefore;
    }
}
