namespace Bridge.Rpc.Tests;

/// <summary>
/// Time that moves when a test says so; timers fire on the test's thread, in the order they are due. Other threads may read
/// it and set timers meanwhile.
/// </summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now = new Random(20261121).NextInt64(1L << 50);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How long until the next timer fires; null when none is set.</summary>
    public TimeSpan? Next
    {
        get
        {
            lock (_gate)
            {
                var due = _timers.Count == 0 ? long.MaxValue : _timers.Min(timer => timer.Due);
                return due == long.MaxValue ? null : TimeSpan.FromTicks(Math.Max(0, due - _now));
            }
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_gate)
        {
            timer.Change(dueTime, period);
            _timers.Add(timer);
        }

        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var end = GetTimestamp() + by.Ticks;
        while (Take(end) is { } next)
        {
            next.Fire();
        }
    }

    // The first timer that is due by then, disarmed, with the clock at its time; without one the clock is at the end.
    private ManualTimer? Take(long end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            Volatile.Write(ref _now, next is null ? end : Math.Max(_now, next.Due));
            if (next is not null)
            {
                next.Due = long.MaxValue;
            }

            return next;
        }
    }

    public void Advance(int milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._now + dueTime.Ticks;
            }

            return true;
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
