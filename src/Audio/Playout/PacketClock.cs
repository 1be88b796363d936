using System.Diagnostics;
using Bridge.Native.Timing;

namespace Bridge.Audio;

/// <summary>
/// The one thread that paces every call's packets: each subscriber is called every 20 ms at its own phase, by absolute
/// deadlines, so that no error adds up.
/// </summary>
public sealed class PacketClock : IDisposable
{
    /// <summary>Time between two calls of one subscriber.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Most calls that one subscriber gets in a row after a stall; older ones are skipped.</summary>
    public const int MaxBurst = 3;

    private readonly Lock _gate = new();
    private readonly PacketSchedule _schedule = new();
    private readonly WakeableTimer _timer = new();
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Thread _thread;
    private volatile bool _stopped;
    private volatile Promptness _promptness;

    /// <summary>Starts the thread.</summary>
    public PacketClock()
    {
        _thread = new Thread(Run) { Name = "packet clock", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The clock's time: what it hands to subscribers.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    /// <summary>Counters since the start.</summary>
    public PacketClockStats Stats
    {
        get
        {
            lock (_gate)
            {
                return _schedule.Stats with { IsRealTime = _promptness == Promptness.RealTime };
            }
        }
    }

    /// <summary>Subscribes at the least crowded phase.</summary>
    /// <param name="tick">
    /// Called on the clock's thread with the time at which it was due; has to be short. Says whether it sent something. What
    /// it throws ends its own subscription alone.
    /// </param>
    /// <returns>The subscription.</returns>
    public PacketClockTicket Add(Func<TimeSpan, bool> tick)
    {
        ArgumentNullException.ThrowIfNull(tick);
        var ticket = new PacketClockTicket(this, tick);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            _schedule.Add(Now, ticket);
            _timer.Wake();
        }

        return ticket;
    }

    /// <summary>Stops the thread. No subscriber is called afterwards, unless it is the one that disposes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            _timer.Wake();
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    internal void StartNow(PacketClockTicket ticket)
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                _schedule.StartNow(Now, ticket);
                _timer.Wake();
            }
        }
    }

    internal void Remove(PacketClockTicket ticket)
    {
        lock (_gate)
        {
            _schedule.Remove(ticket);
        }
    }

    private void Run()
    {
        _promptness = PromptThread.TryRaise();
        while (!_stopped)
        {
            PacketClockTicket? ticket;
            TimeSpan due;
            TimeSpan? next;
            lock (_gate)
            {
                ticket = _schedule.TakeDue(Now, out due, out next);
            }

            if (ticket is null)
            {
                Sleep(next);
                continue;
            }

            try
            {
                bool sent = ticket.Tick(due);
                lock (_gate)
                {
                    _schedule.Done(Now, ticket, sent);
                }
            }
            catch (Exception)
            {
                // One call's defect must not silence all the others: it costs its own subscription, and shows in the counters.
                lock (_gate)
                {
                    _schedule.Fault(ticket);
                }
            }
        }

        lock (_gate)
        {
            _timer.Dispose();
        }
    }

    private void Sleep(TimeSpan? until)
    {
        TimeSpan? wait = until - Now;
        if (wait is null || wait > TimeSpan.Zero)
        {
            _timer.Wait(wait);
        }
    }
}
