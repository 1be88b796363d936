namespace Bridge.Rtc.Sctp;

/// <summary>T1-init, T1-cookie and T2-shutdown, of which one runs at a time (RFC 9260 §5.1, §9.2); each expiry doubles it.</summary>
internal sealed class HandshakeTimer(RoundTripEstimator roundTrip)
{
    /// <summary>When it expires; <see cref="Instant.Distant"/> while it is stopped.</summary>
    public Instant At { get; private set; } = Instant.Distant;

    /// <summary>Expiries since the start.</summary>
    public int ExpiryCount { get; private set; }

    public void Start(Instant now)
    {
        ExpiryCount = 0;
        At = now + Duration();
    }

    public void Stop()
    {
        ExpiryCount = 0;
        At = Instant.Distant;
    }

    /// <summary>Makes it expire now, if it runs.</summary>
    public void Hurry(Instant now) => At = At == Instant.Distant ? Instant.Distant : now;

    /// <summary>Whether it expired; it runs on with twice the time.</summary>
    public bool HasExpired(Instant now)
    {
        if (At > now)
        {
            return false;
        }

        ExpiryCount++;
        At = now + Duration();
        return true;
    }

    private TimeSpan Duration()
    {
        TimeSpan first = roundTrip.Smoothed is null ? SctpOptions.RtoInitial : roundTrip.Timeout;
        long ticks = first.Ticks << Math.Min(ExpiryCount, 10);
        return TimeSpan.FromTicks(Math.Min(ticks, SctpOptions.RtoMax.Ticks));
    }
}
