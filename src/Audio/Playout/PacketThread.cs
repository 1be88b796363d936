using Bridge.Native.Timing;

namespace Bridge.Audio.Playout;

/// <summary>A thread that the system runs before others, with a timer of some tens of microseconds.</summary>
internal sealed class PacketThread : PacketDriver
{
    private readonly Func<TimeSpan?> _runDue;
    private readonly Func<TimeSpan> _now;
    private readonly WakeableTimer _timer = new();
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private bool _released;
    private volatile bool _stopped;
    private volatile Promptness _promptness;

    /// <param name="runDue">Called; gives when it wants to be called next, null for only when woken.</param>
    /// <param name="now">The time in which it gives that.</param>
    public PacketThread(Func<TimeSpan?> runDue, Func<TimeSpan> now)
    {
        (_runDue, _now) = (runDue, now);
        _thread = new Thread(Run) { Name = "packet clock", IsBackground = true };
    }

    public override bool IsRealTime => _promptness == Promptness.RealTime;

    public override void Start() => _thread.Start();

    public override void Wake()
    {
        lock (_gate)
        {
            if (!_released)
            {
                _timer.Wake();
            }
        }
    }

    public override void Dispose()
    {
        _stopped = true;
        Wake();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        _promptness = PromptThread.TryRaise();
        while (!_stopped)
        {
            TimeSpan? wait = _runDue() - _now();
            if (!_stopped && (wait is null || wait > TimeSpan.Zero))
            {
                _timer.Wait(wait);
            }
        }

        lock (_gate)
        {
            _released = true;
            _timer.Dispose();
        }
    }
}
