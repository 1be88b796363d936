namespace Bridge.Rtc.Sctp;

/// <summary>Round-trip time and retransmission timeout (RFC 9260 §6.3.1).</summary>
internal sealed class RoundTripEstimator
{
    private TimeSpan _variation;
    private TimeSpan _base = SctpOptions.RtoInitial;
    private int _backoff;

    /// <summary>The smoothed round trip; null before the first measurement.</summary>
    public TimeSpan? Smoothed { get; private set; }

    /// <summary>The shortest round trip seen.</summary>
    public TimeSpan Shortest { get; private set; } = TimeSpan.MaxValue;

    /// <summary>
    /// Bytes worth having under way: what 200 Mbit/s carry in the shortest round trip. More than that only waits in socket
    /// buffers, and a burst they can't hold loses its end: the one-second outliers of other implementations. The shortest, for
    /// the smoothed one counts what waits in those buffers already: a window made from it grows by the queue it makes.
    /// </summary>
    public long PathCapacity => Shortest == TimeSpan.MaxValue ? 0 : (long)(Shortest.TotalMilliseconds * 25_000);

    /// <summary>The timeout to use now, backed off where nothing was answered.</summary>
    public TimeSpan Timeout => TimeSpan.FromTicks(Math.Min(_base.Ticks << Math.Min(_backoff, 16), SctpOptions.RtoMax.Ticks));

    /// <summary>
    /// When an answer is overdue that the peer was asked not to delay: an RTO without its floor, which is there for
    /// delayed SACKs, with half the allowance for variation, a quarter of a round trip, or 8 ms for what schedulers do on both sides.
    /// At most one and a half round trips on a steady path, so that what is sent again arrives within two.
    /// </summary>
    public TimeSpan ProbeTimeout
    {
        get
        {
            if (Smoothed is not { } smoothed)
            {
                return SctpOptions.RtoInitial / 2;
            }

            long spread = Math.Max(Math.Max(2 * _variation.Ticks, smoothed.Ticks / 4), 8 * TimeSpan.TicksPerMillisecond);
            TimeSpan probe = smoothed + TimeSpan.FromTicks(spread);
            return probe < Timeout ? probe : Timeout;
        }
    }

    /// <summary>
    /// Whether packets wait in a queue of the path: the round trip is longer than the shortest one seen. A loss without a queue is no
    /// sign of congestion.
    /// </summary>
    public bool IsQueueing => Smoothed is { } smoothed
        && smoothed.Ticks > Shortest.Ticks + Math.Max(Shortest.Ticks / 4, 10 * TimeSpan.TicksPerMillisecond);

    public void Measure(TimeSpan sample)
    {
        sample = sample < TimeSpan.Zero ? TimeSpan.Zero : sample;
        Shortest = sample < Shortest ? sample : Shortest;
        if (Smoothed is { } smoothed)
        {
            // RTO.Beta 1/4, RTO.Alpha 1/8.
            _variation = ((3 * _variation) + (smoothed - sample).Duration()) / 4;
            Smoothed = ((7 * smoothed) + sample) / 8;
        }
        else
        {
            _variation = sample / 2;
            Smoothed = sample;
        }

        TimeSpan timeout = Smoothed.Value + (4 * _variation);
        _base = timeout < SctpOptions.RtoMin ? SctpOptions.RtoMin : timeout > SctpOptions.RtoMax ? SctpOptions.RtoMax : timeout;
        _backoff = 0;
    }

    /// <summary>Doubles the timeout (§6.3.3 E2).</summary>
    public void BackOff() => _backoff++;

    /// <summary>Something new was acknowledged: the path is alive, so the next loss need not wait for a backed-off timeout.</summary>
    public void ClearBackOff() => _backoff = 0;

    /// <summary>Forgets everything measured: the path is another one.</summary>
    public void Reset()
    {
        _variation = TimeSpan.Zero;
        _base = SctpOptions.RtoInitial;
        _backoff = 0;
        Smoothed = null;
        Shortest = TimeSpan.MaxValue;
    }
}
