namespace Bridge.Rehearsal;

/// <summary>How long the session lives and how it ends: its cap, or a fault that closes or drops it before.</summary>
internal sealed class SessionLife(ServerEvents events, TimeSpan cap)
{
    private TimeSpan _opened;
    private DateTimeOffset _wallClock;

    private enum End
    {
        Expire,
        Close,
        Drop,
    }

    /// <summary>The session's <c>expires_at</c>, in seconds since 1970.</summary>
    public long ExpiresAt => (_wallClock + Cap).ToUnixTimeSeconds();

    private TimeSpan Cap => events.Faults.SessionCapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : cap;

    /// <summary>Begins the session's life.</summary>
    public void Open(TimeSpan now, DateTimeOffset wallClock)
    {
        _opened = now;
        _wallClock = wallClock;
    }

    /// <summary>When the session is going to end, as things stand.</summary>
    public TimeSpan EndsAt => Plan().At;

    /// <summary>Ends the session in the way that is due.</summary>
    public void Finish()
    {
        var faults = events.Faults;
        switch (Plan().How)
        {
            case End.Close:
                if (faults.CloseError is { } code)
                {
                    events.Error(ServiceError.Asked(code), null);
                }

                events.Close(faults.CloseCode, "Closed by request of a fault.");
                break;
            case End.Drop:
                events.Drop();
                break;
            default:
                events.Error(ServiceError.Expired(Cap), null);
                events.Close(1001, ServiceError.ExpiredReason(Cap));
                break;
        }
    }

    private (TimeSpan At, End How) Plan()
    {
        var end = (At: _opened + Cap, How: End.Expire);
        if (events.Faults.CloseAfterSeconds is { } close && _opened + TimeSpan.FromSeconds(close) < end.At)
        {
            end = (_opened + TimeSpan.FromSeconds(close), End.Close);
        }

        if (events.Faults.DropAfterSeconds is { } drop && _opened + TimeSpan.FromSeconds(drop) < end.At)
        {
            end = (_opened + TimeSpan.FromSeconds(drop), End.Drop);
        }

        return end;
    }
}
