namespace Bridge.Audio.Uplink;

/// <summary>
/// Relates the sender's clock to ours: the least delay between a packet's timestamp and its arrival over the last 5 to
/// 10 s. A sender whose clock runs slow or fast moves that minimum, and the estimate with it.
/// </summary>
internal sealed class TransitClock
{
    private static readonly TimeSpan Bucket = TimeSpan.FromSeconds(5);

    private long _current = long.MaxValue;
    private long _previous = long.MaxValue;
    private long _baseline;
    private TimeSpan _bucketEnds;
    private bool _hasBaseline;
    private double _jitter;

    internal bool HasEstimate => _current != long.MaxValue || _previous != long.MaxValue;

    /// <summary>Delay of recent packets behind the fastest one: a peak that fades over some 10 s.</summary>
    internal TimeSpan Jitter => new((long)_jitter);

    /// <summary>Lag of the sender's clock behind ours since the first seconds; negative: a lead.</summary>
    internal TimeSpan Drift => _hasBaseline ? new TimeSpan(Least - _baseline) : TimeSpan.Zero;

    private long Least => Math.Min(_current, _previous);

    internal void Observe(TimeSpan now, ExtendedTimestamp timestamp, int clockRate)
    {
        long transit = (now - MediaTime(timestamp.Value, clockRate)).Ticks;
        if (!HasEstimate)
        {
            _bucketEnds = now + Bucket;
        }
        else if (now >= _bucketEnds)
        {
            _previous = _current;
            _current = long.MaxValue;
            _bucketEnds = now + Bucket;
            if (!_hasBaseline && _previous != long.MaxValue)
            {
                _hasBaseline = true;
                _baseline = _previous;
            }
        }

        _current = Math.Min(_current, transit);
        _jitter = Math.Max(transit - Least, _jitter * 0.998);
    }

    /// <summary>When the packet with this timestamp is due at the earliest.</summary>
    internal TimeSpan Arrival(ExtendedTimestamp timestamp, int clockRate) => new TimeSpan(Least) + MediaTime(timestamp.Value, clockRate);

    /// <summary>How long so many units of an RTP clock last.</summary>
    internal static TimeSpan MediaTime(long units, int clockRate) => new(units * (TimeSpan.TicksPerSecond / 1000) / (clockRate / 1000));

    internal void Reset()
    {
        _current = _previous = long.MaxValue;
        _hasBaseline = false;
        _jitter = 0;
    }
}
