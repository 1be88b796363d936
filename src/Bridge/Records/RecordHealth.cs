using Bridge.Timing;

namespace Bridge.Records;

/// <summary>Whether records are being written as they should; says each change once.</summary>
internal sealed class RecordHealth(HostClock clock, ILogger logger)
{
    private readonly Lock _gate = new();
    private TimeSpan? _troubleSince;
    private long _lost;
    private long _lostBefore;

    /// <summary>True from the first sign of trouble until facts are written again and none of them is late.</summary>
    public bool IsDegraded
    {
        get
        {
            lock (_gate)
            {
                return _troubleSince is not null;
            }
        }
    }

    /// <summary>Facts that were lost since the start.</summary>
    public long LostCount => Interlocked.Read(ref _lost);

    /// <summary>Something is wrong.</summary>
    /// <param name="why">One word.</param>
    /// <param name="failure">The store's own words; null when it says nothing.</param>
    public void Trouble(string why, Exception? failure)
    {
        lock (_gate)
        {
            Begin(why, failure);
        }
    }

    /// <summary>
    /// Facts wait for too long, if <paramref name="isLate"/> says so. It is asked under the lock that <see cref="Well"/> takes: a look
    /// at the queue from before the facts were written must not begin the trouble anew after them.
    /// </summary>
    public void Look(Func<bool> isLate)
    {
        lock (_gate)
        {
            if (isLate())
            {
                Begin("slow", null);
            }
        }
    }

    /// <summary>Facts were lost.</summary>
    public void Lost(int count, string why)
    {
        if (why == "full")
        {
            Trouble(why, null);
        }

        Interlocked.Add(ref _lost, count);
    }

    /// <summary>Something was written. While <paramref name="isLate"/> says that more waits for too long, the trouble goes on.</summary>
    public void Well(Func<bool> isLate)
    {
        lock (_gate)
        {
            if (_troubleSince is not { } since || isLate())
            {
                return;
            }

            // A reader who sees that all is well again finds in the log what the trouble cost.
            Log.RecordsWell(logger, (clock.Elapsed - since).TotalSeconds, Interlocked.Read(ref _lost) - _lostBefore);
            _troubleSince = null;
        }
    }

    private void Begin(string why, Exception? failure)
    {
        if (_troubleSince is null)
        {
            (_troubleSince, _lostBefore) = (clock.Elapsed, Interlocked.Read(ref _lost));
            Log.RecordsDegraded(logger, why, failure);
        }
    }
}
