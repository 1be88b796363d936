namespace Bridge.Audio.Playout;

/// <summary>Settings of a <see cref="PlayoutQueue"/>.</summary>
internal sealed record PlayoutQueueOptions
{
    /// <summary>RTP timestamp of the first packet; random by RFC 3550 §5.1, so the caller draws it.</summary>
    public uint FirstTimestamp { get; init; }

    /// <summary>Most audio that the queue holds; what is appended beyond it is dropped and counted.</summary>
    public TimeSpan Capacity { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The audio comes from a live sender, at its pace: after an underrun it goes on with the first frame, without fades, and up to
    /// 80 ms of lateness are no gap in its timestamps.
    /// </summary>
    public bool IsLive { get; init; }

    /// <summary>
    /// Called when there is something to take and the last tick found nothing: where the clock is asked to tick now, the
    /// first packet leaves while the rest of its delta is still being encoded. Called by the thread that appends, with the
    /// encoder held: it must not call the queue, nor wait for the thread that takes from it.
    /// </summary>
    public Action? Ready { get; init; }
}
