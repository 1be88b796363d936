namespace Bridge.Audio.Playout;

/// <summary>The order of calls in time: the pure part of <see cref="PacketClock"/>, in anybody's time.</summary>
internal sealed class PacketSchedule
{
    private const int Phases = 20;

    // Each new call lands as far from the others as can be: the phases in bit-reversed order, where halves come first.
    private static ReadOnlySpan<byte> PhaseOrder => [0, 10, 5, 15, 2, 12, 7, 17, 3, 13, 8, 18, 1, 11, 6, 16, 4, 14, 9, 19];

    private readonly PriorityQueue<PacketClockTicket, TimeSpan> _queue = new();

    // Ticks lie on this grid, so that one wake-up of the thread serves all calls of a slot. The first packet of an answer does not.
    private static readonly TimeSpan Slot = PacketClock.Period / Phases;

    private const int LatenessBuckets = 400;
    private static readonly TimeSpan Bucket = TimeSpan.FromMicroseconds(50);

    private readonly long[] _lateness = new long[LatenessBuckets];
    private readonly int[] _crowd = new int[Phases];
    private int _subscribers;
    private long _ticks;
    private long _skipped;
    private long _faults;
    private TimeSpan _worst;

    internal PacketClockStats Stats => new()
    {
        Subscribers = _subscribers,
        Ticks = _ticks,
        Skipped = _skipped,
        Faults = _faults,
        WorstLateness = _worst,
        P99Lateness = Percentile99(),
    };

    internal void Add(TimeSpan now, PacketClockTicket ticket)
    {
        int phase = PhaseOrder[0];
        foreach (byte candidate in PhaseOrder)
        {
            phase = _crowd[candidate] < _crowd[phase] ? candidate : phase;
        }

        long period = PacketClock.Period.Ticks;
        var due = new TimeSpan((now.Ticks / period * period) + (phase * period / Phases));
        Place(ticket, due > now ? due : due + PacketClock.Period);
        _subscribers++;
    }

    /// <summary>
    /// Moves a ticket so that it is due now, or 20 ms after it last sent something when that is later. While it
    /// is being called that is not known yet: <see cref="Done"/> sees to it.
    /// </summary>
    /// <returns>Whether it is due sooner than before.</returns>
    internal bool StartNow(TimeSpan now, PacketClockTicket ticket)
    {
        ticket.IsWanted = ticket.IsActive && ticket.IsTicking;
        if (!ticket.IsActive || ticket.IsTicking)
        {
            return false;
        }

        TimeSpan earliest = ticket.LastSent + PacketClock.Period;
        return Sooner(ticket, earliest > now ? earliest : now);
    }

    /// <summary>Moves a ticket, and all its calls after the next, forward in time by no more than this.</summary>
    /// <returns>Whether it is due sooner than before.</returns>
    internal bool Advance(PacketClockTicket ticket, TimeSpan by) => ticket.IsActive && Sooner(ticket, InSlot(ticket.Due - by));

    /// <summary>A ticket that <see cref="TakeDue"/> gave out has been called.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ticket">The ticket.</param>
    /// <param name="sent">Whether the call sent something: an idle one does not put off the next.</param>
    internal void Done(TimeSpan now, PacketClockTicket ticket, bool sent)
    {
        ticket.IsTicking = false;
        if (sent)
        {
            ticket.LastSent = now;
        }

        if (ticket.IsWanted)
        {
            StartNow(now, ticket);
        }
    }

    internal void Remove(PacketClockTicket ticket)
    {
        if (ticket.IsActive)
        {
            ticket.IsActive = false;
            _crowd[ticket.Phase]--;
            _subscribers--;
        }
    }

    internal void Fault(PacketClockTicket ticket)
    {
        _faults++;
        Remove(ticket);
    }

    /// <summary>Takes out the ticket that is most overdue and schedules its next call.</summary>
    /// <param name="now">The time.</param>
    /// <param name="due">When the call was due.</param>
    /// <param name="next">When there is none: when the next will be, null for never.</param>
    internal PacketClockTicket? TakeDue(TimeSpan now, out TimeSpan due, out TimeSpan? next)
    {
        next = null;
        while (_queue.TryPeek(out PacketClockTicket? ticket, out due))
        {
            if (!ticket.IsActive || ticket.Due != due)
            {
                // Removed or moved since: this entry is a leftover.
                _queue.Dequeue();
                continue;
            }

            if (due > now)
            {
                next = due;
                return null;
            }

            _queue.Dequeue();
            TimeSpan late = now - due;
            _worst = late > _worst ? late : _worst;
            _lateness[Math.Min(late.Ticks / Bucket.Ticks, LatenessBuckets - 1)]++;
            long missed = late.Ticks / PacketClock.Period.Ticks;
            if (missed >= PacketClock.MaxBurst)
            {
                long skip = missed - PacketClock.MaxBurst + 1;
                _skipped += skip;
                due += skip * PacketClock.Period;
            }

            _ticks++;
            ticket.IsTicking = true;
            ticket.Due = InSlot(due + PacketClock.Period);
            _queue.Enqueue(ticket, ticket.Due);
            return ticket;
        }

        due = default;
        return null;
    }

    /// <summary>Upper edge of the bucket that 99 of 100 calls do not exceed.</summary>
    private TimeSpan Percentile99()
    {
        long beyond = (_ticks + 99) / 100;
        int bucket = LatenessBuckets - 1;
        for (long seen = _lateness[bucket]; bucket > 0 && seen < beyond; seen += _lateness[bucket])
        {
            bucket--;
        }

        return _ticks == 0 ? TimeSpan.Zero : (bucket + 1) * Bucket;
    }

    /// <summary>The slot's time that is not before this one.</summary>
    private static TimeSpan InSlot(TimeSpan due)
    {
        long into = due.Ticks % Slot.Ticks;
        return into <= 0 ? due : due + Slot - new TimeSpan(into);
    }

    private bool Sooner(PacketClockTicket ticket, TimeSpan due)
    {
        if (due >= ticket.Due)
        {
            return false;
        }

        _crowd[ticket.Phase]--;
        Place(ticket, due);
        return true;
    }

    private void Place(PacketClockTicket ticket, TimeSpan due)
    {
        ticket.IsActive = true;
        ticket.Due = due;
        ticket.Phase = (int)(due.Ticks % PacketClock.Period.Ticks * Phases / PacketClock.Period.Ticks);
        _crowd[ticket.Phase]++;
        _queue.Enqueue(ticket, due);
    }
}
