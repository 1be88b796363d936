namespace Bridge.Rehearsal.Live;

/// <summary>The life and the end of a session: its cap, half a minute without audio, or a fault before.</summary>
internal sealed class LiveLife(ServerEvents events, TimeSpan cap)
{
    // Measured: no input audio at all closed a session after 30,975 ms.
    private static readonly TimeSpan Starvation = TimeSpan.FromMilliseconds(30_975);

    // Measured: the socket goes about so long after credit_balance_exhausted.
    private static readonly TimeSpan Refusal = TimeSpan.FromSeconds(2);

    private TimeSpan _opened;
    private DateTimeOffset _wallClock;
    private TimeSpan? _started;
    private TimeSpan _heard;
    private TimeSpan? _refused;

    /// <summary>The way in which a session ends.</summary>
    public enum End
    {
        Expired,
        Content,
        Close,
        Drop,
    }

    /// <summary>The session's <c>expires_at</c>, in seconds since 1970.</summary>
    public long ExpiresAt => (_wallClock + ((_started ?? _opened) - _opened) + Cap).ToUnixTimeSeconds();

    private TimeSpan Cap => events.Faults.SessionCapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : cap;

    /// <summary>Seconds since 1970 at <paramref name="now"/>.</summary>
    public long UnixSeconds(TimeSpan now) => (_wallClock + (now - _opened)).ToUnixTimeSeconds();

    public void Open(TimeSpan now, DateTimeOffset wallClock) => (_opened, _wallClock) = (now, wallClock);

    /// <summary><c>session.started</c>.</summary>
    public void Start(TimeSpan now)
    {
        _started = now;
        _heard = now;
    }

    /// <summary>Input audio came.</summary>
    public void Hear(TimeSpan now) => _heard = now;

    /// <summary>The session was refused: its socket goes soon.</summary>
    public void Refuse(TimeSpan now) => _refused = now + Refusal;

    /// <summary>The session's end as things stand: its kind and its time.</summary>
    public (TimeSpan At, End How) Plan()
    {
        var begin = _started ?? _opened;
        var plan = (At: begin + Cap, How: End.Expired);
        Sooner(_started is null ? null : _heard + Starvation, End.Expired);
        Sooner(_refused, End.Drop);
        Sooner(_started is null ? null : After(events.Faults.ContentAfterSeconds), End.Content);
        Sooner(After(events.Faults.CloseAfterSeconds), End.Close);
        Sooner(After(events.Faults.DropAfterSeconds), End.Drop);
        return plan;

        TimeSpan? After(double? seconds) => seconds is { } s ? begin + TimeSpan.FromSeconds(s) : null;

        void Sooner(TimeSpan? at, End how)
        {
            if (at is { } time && time < plan.At)
            {
                plan = (time, how);
            }
        }
    }
}
