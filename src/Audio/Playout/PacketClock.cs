namespace Bridge.Audio.Playout;

/// <summary>
/// Paces every call's packets: each subscriber is called every 20 ms at its own phase, by absolute deadlines, so that no
/// error adds up. All calls are made by one thread. Under another <see cref="TimeProvider"/> than the system's its timer
/// stands for that thread, so that virtual time paces the packets too.
/// </summary>
internal sealed class PacketClock : IDisposable
{
    /// <summary>Time between two calls of one subscriber.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Most calls that one subscriber gets in a row after a stall; older ones are skipped.</summary>
    public const int MaxBurst = 3;

    private readonly Lock _gate = new();
    private readonly PacketSchedule _schedule = new();
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly PacketDriver _driver;
    private readonly Action<Exception>? _fault;
    private volatile bool _stopped;

    /// <summary>Starts the clock.</summary>
    /// <param name="time">Where its time comes from.</param>
    /// <param name="origin">The timestamp of <paramref name="time"/> at which <see cref="Now"/> is zero.</param>
    /// <param name="fault">Told of what a subscriber threw, on the clock's thread.</param>
    public PacketClock(TimeProvider time, long origin, Action<Exception>? fault = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _origin = origin;
        _fault = fault;
        _driver = time == TimeProvider.System ? new PacketThread(RunDue, () => Now) : new PacketTimer(RunDue, () => Now, time);
        _driver.Start();
    }

    /// <summary>The clock's time: what it hands to subscribers.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Counters since the start.</summary>
    public PacketClockStats Stats
    {
        get
        {
            lock (_gate)
            {
                return _schedule.Stats with { IsRealTime = _driver.IsRealTime };
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
        }

        _driver.Wake();
        return ticket;
    }

    /// <summary>Stops the clock. No subscriber is called afterwards, unless it is the one that disposes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        _driver.Dispose();
    }

    internal void StartNow(PacketClockTicket ticket)
    {
        lock (_gate)
        {
            if (_stopped || !_schedule.StartNow(Now, ticket))
            {
                return;
            }
        }

        _driver.Wake();
    }

    internal void Advance(PacketClockTicket ticket, TimeSpan by)
    {
        lock (_gate)
        {
            if (!_schedule.Advance(ticket, by))
            {
                return;
            }
        }

        _driver.Wake();
    }

    internal void Remove(PacketClockTicket ticket)
    {
        lock (_gate)
        {
            _schedule.Remove(ticket);
        }
    }

    /// <summary>Calls every subscriber that is due; gives when the next one will be, null for never.</summary>
    private TimeSpan? RunDue()
    {
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
                return next;
            }

            try
            {
                bool sent = ticket.Tick(due);
                lock (_gate)
                {
                    _schedule.Done(Now, ticket, sent);
                }
            }
            catch (Exception fault)
            {
                // One call's defect must not silence all the others: it costs its own subscription.
                lock (_gate)
                {
                    _schedule.Fault(ticket);
                }

                _fault?.Invoke(fault);
            }
        }

        return null;
    }
}
