namespace Bridge.Audio.Playout;

/// <summary>The timer of a <see cref="TimeProvider"/>, for virtual time: calls are made by the code that moves that time on.</summary>
internal sealed class PacketTimer : PacketDriver
{
    // Not at once: some providers would call from inside Wake.
    private static readonly TimeSpan Soonest = TimeSpan.FromTicks(1);

    private readonly Func<TimeSpan?> _runDue;
    private readonly Func<TimeSpan> _now;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private volatile bool _woken;

    /// <param name="runDue">Called; gives when it wants to be called next, null for only when woken.</param>
    /// <param name="now">The time in which it gives that.</param>
    /// <param name="time">Whose timer it is.</param>
    public PacketTimer(Func<TimeSpan?> runDue, Func<TimeSpan> now, TimeProvider time)
    {
        (_runDue, _now) = (runDue, now);
        _timer = time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override void Start()
    {
    }

    public override void Wake()
    {
        _woken = true;
        _timer.Change(Soonest, Timeout.InfiniteTimeSpan);
    }

    public override void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            // A call under way has returned.
        }
    }

    private void Run()
    {
        lock (_gate)
        {
            _woken = false;
            if (_runDue() is { } next)
            {
                var wait = next - _now();
                _timer.Change(wait > Soonest ? wait : Soonest, Timeout.InfiniteTimeSpan);
            }

            if (_woken)
            {
                // Asked for meanwhile, and perhaps for an earlier moment than the one just set.
                _timer.Change(Soonest, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
