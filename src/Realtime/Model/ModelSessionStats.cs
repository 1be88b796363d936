namespace Bridge.Realtime.Model;

/// <summary>Counters of one session; a snapshot.</summary>
public readonly record struct ModelSessionStats
{
    /// <summary>Events received.</summary>
    public long EventsReceived { get; init; }

    /// <summary>Messages that were no well-formed event.</summary>
    public long EventsMalformed { get; init; }

    /// <summary>Commands written to the socket.</summary>
    public long CommandsSent { get; init; }

    /// <summary>Commands refused because too many waited on a stalled socket.</summary>
    public long CommandsDropped { get; init; }

    /// <summary>Milliseconds of microphone audio written to the socket.</summary>
    public long AudioSentMilliseconds { get; init; }

    /// <summary>Milliseconds of microphone audio dropped because the socket stalled.</summary>
    public long AudioDroppedMilliseconds { get; init; }

    /// <summary>
    /// 99th percentile of the time audio waited from <see cref="IModelSession.TryAppendAudio"/> to the socket's acceptance, microseconds
    /// (within 19 %).
    /// </summary>
    public long AppendDelayP99Microseconds { get; init; }

    /// <summary>
    /// Longest time audio waited from <see cref="IModelSession.TryAppendAudio"/> to the socket's acceptance, microseconds.
    /// </summary>
    public long AppendDelayMaxMicroseconds { get; init; }

    /// <summary>Sum of those times, microseconds; divide by <see cref="AppendCount"/>.</summary>
    public long AppendDelayTotalMicroseconds { get; init; }

    /// <summary>Appends written to the socket.</summary>
    public long AppendCount { get; init; }
}
