namespace Bridge.Audio.Playout;

/// <summary>Counters of a <see cref="PacketClock"/> since it was made.</summary>
internal readonly record struct PacketClockStats
{
    /// <summary>Subscribers at present.</summary>
    public int Subscribers { get; init; }

    /// <summary>Whether the system runs the clock's thread before every ordinary one (SCHED_RR).</summary>
    public bool IsRealTime { get; init; }

    /// <summary>Calls made.</summary>
    public long Ticks { get; init; }

    /// <summary>Calls left out because the thread had been held up for longer than a burst makes good.</summary>
    public long Skipped { get; init; }

    /// <summary>Calls that threw; their subscription ended.</summary>
    public long Faults { get; init; }

    /// <summary>Delay behind its deadline that 99 of 100 calls did not exceed, in steps of 50 µs up to 20 ms.</summary>
    public TimeSpan P99Lateness { get; init; }

    /// <summary>Longest delay of a call behind its deadline.</summary>
    public TimeSpan WorstLateness { get; init; }
}
