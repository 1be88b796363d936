using Bridge.Timing;

namespace Bridge.Records;

/// <summary>Whether records are being written as they should; says each change once.</summary>
internal sealed class RecordHealth(HostClock clock, ILogger logger)
{
    private readonly Lock _gate = new();
    private TimeSpan? _troubleSince;
    private long _lost;
    private long _lostBefore;

    /// <summary>True from the first sign of trouble until something is written again.</summary>
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
            if (_troubleSince is not null)
            {
                return;
            }

            _troubleSince = clock.Elapsed;
            _lostBefore = _lost;
        }

        Log.RecordsDegraded(logger, why, failure);
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

    /// <summary>Something was written.</summary>
    public void Well()
    {
        lock (_gate)
        {
            if (_troubleSince is not { } since)
            {
                return;
            }

            // Whoever reads that all is well again finds in the log what the trouble cost.
            Log.RecordsWell(logger, (clock.Elapsed - since).TotalSeconds, Interlocked.Read(ref _lost) - _lostBefore);
            _troubleSince = null;
        }
    }
}
