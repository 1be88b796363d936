namespace Bridge.Rpc;

/// <summary>
/// The time that deadlines are counted in, in ticks of 100 ns: it runs while a port is attached and the path is not
/// interrupted. It owns the one timer of a peer. The peer's lock guards it, <see cref="FireNow"/> apart.
/// </summary>
internal sealed class RunningClock : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _before;
    private long _since;
    private bool _running;
    private long _armedFor = long.MaxValue;

    /// <summary>A clock that stands still; <paramref name="elapsed"/> is called on a timer's thread, without any lock.</summary>
    public RunningClock(TimeProvider time, Action elapsed)
    {
        _time = time;
        _timer = time.CreateTimer(static elapsed => ((Action)elapsed!)(), elapsed, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsRunning => _running;

    public long Now => _before + (_running ? _time.GetElapsedTime(_since).Ticks : 0);

    /// <summary>Lets it run or stops it. True when it has just begun to run: nothing is armed then.</summary>
    public bool Run(bool run)
    {
        if (run == _running)
        {
            return false;
        }

        _before = Now;
        _running = run;
        _since = _time.GetTimestamp();
        _armedFor = long.MaxValue;
        return run;
    }

    /// <summary>Sets the timer earlier when something is due earlier.</summary>
    public void Arm(long due)
    {
        if (_running && due < _armedFor)
        {
            _armedFor = due;
            _timer.Change(TimeSpan.FromTicks(Math.Max(0, due - Now)), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The timer has fired: it has to be armed again.</summary>
    public void Fired() => _armedFor = long.MaxValue;

    /// <summary>Fires at once, on the timer's thread. Needs no lock.</summary>
    public void FireNow() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
