namespace Bridge.Rtc.Rtp;

/// <summary>
/// The shortest delay of the last two minutes, over which packets wait in a queue (RFC 6817 §3.4.2 keeps it the same way). The clocks of
/// the two sides need not agree, only run alike.
/// </summary>
internal sealed class QueueBase
{
    private const int Buckets = 6;
    private static readonly TimeSpan BucketTime = TimeSpan.FromSeconds(20);

    // No queue of a path that carries speech; the clock of the other side was set, or the path is another one.
    private static readonly TimeSpan Unbelievable = TimeSpan.FromSeconds(3);

    private readonly long[] _least = new long[Buckets];
    private long _bucket;
    private bool _started;

    /// <summary>Takes a delay and gives the time of it that a queue explains.</summary>
    /// <param name="now">The time.</param>
    /// <param name="delay">From sending to arrival, with any constant added.</param>
    public TimeSpan Add(Instant now, TimeSpan delay)
    {
        long bucket = now.Ticks / BucketTime.Ticks;
        if (!_started || bucket - _bucket >= Buckets)
        {
            Begin(bucket, delay);
        }

        for (; _bucket < bucket; _bucket++)
        {
            Slot(_bucket + 1) = long.MaxValue;
        }

        ref long least = ref Slot(_bucket);
        least = Math.Min(least, delay.Ticks);
        long shortest = long.MaxValue;
        foreach (long one in _least)
        {
            shortest = Math.Min(shortest, one);
        }

        long queue = delay.Ticks - shortest;
        if (queue > Unbelievable.Ticks)
        {
            Begin(bucket, delay);
            return TimeSpan.Zero;
        }

        return new TimeSpan(queue);
    }

    /// <summary>The path is another one.</summary>
    public void Reset() => _started = false;

    private ref long Slot(long bucket) => ref _least[(int)(((bucket % Buckets) + Buckets) % Buckets)];

    private void Begin(long bucket, TimeSpan delay)
    {
        _least.AsSpan().Fill(long.MaxValue);
        (_started, _bucket) = (true, bucket);
        Slot(bucket) = delay.Ticks;
    }
}
