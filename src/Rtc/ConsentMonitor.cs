namespace Bridge.Rtc;

/// <summary>
/// Judges silence (RFC 7675 §5.1). A lite server sends no checks, so it counts from what it hears, and asks into a long quiet:
/// Firefox checks an idle connection every 4 to 6 s only. A side that checks more often, as Chromium does, is never asked.
/// </summary>
internal sealed class ConsentMonitor
{
    // How long connecting may take, from the offer on: a page that is not there by then will not come.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _silentAfter;
    private readonly TimeSpan _expiredAfter;

    // 3.25 s and then every second, where silence begins after 5 s.
    private readonly TimeSpan _askAfter;
    private readonly TimeSpan _askAgainAfter;

    private Instant _connectBy = Instant.Distant;
    private Instant _heardAt = new(long.MinValue);
    private Instant _askedAt;

    public ConsentMonitor(RtcPeerOptions options)
    {
        _silentAfter = options.DisconnectedAfter;
        _expiredAfter = options.FailedAfter;
        _askAfter = options.DisconnectedAfter * 13 / 20;
        _askAgainAfter = options.DisconnectedAfter / 5;
    }

    public ConsentState State { get; private set; }

    /// <summary>Connecting begins, for the first time or anew.</summary>
    public void Connect(Instant now)
    {
        State = ConsentState.Connecting;
        _connectBy = now + ConnectTimeout;
    }

    /// <summary>Something authentic was heard.</summary>
    public void Heard(Instant at)
    {
        if (at > _heardAt)
        {
            _heardAt = at;
            State = State == ConsentState.Asked ? ConsentState.Fresh : State;
        }
    }

    /// <summary>The path is secured: from now on what was heard counts. True when consent is fresh and was not before.</summary>
    public bool TryConfirm(Instant now)
    {
        if (State is not (ConsentState.Connecting or ConsentState.Silent) || _heardAt + _silentAfter <= now)
        {
            return false;
        }

        State = ConsentState.Fresh;
        return true;
    }

    /// <summary>Runs what is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="canAsk">Whether there is a way to ask.</param>
    /// <param name="ask">Whether the remote side is to be asked for a sign of life now.</param>
    public Deadline Advance(Instant now, bool canAsk, out bool ask)
    {
        ask = false;
        switch (State)
        {
            case ConsentState.Connecting when now < _connectBy:
                return new Deadline(_connectBy, DeadlineReason.Connect);
            case ConsentState.Connecting:
                State = ConsentState.Expired;
                return Deadline.Never;
            case ConsentState.Fresh or ConsentState.Asked or ConsentState.Silent:
                break;
            default:
                return Deadline.Never;
        }

        if (now >= _heardAt + _expiredAfter)
        {
            State = ConsentState.Expired;
            return Deadline.Never;
        }

        Instant silent = (_heardAt + _silentAfter).Unhurried;
        if (now >= silent)
        {
            State = ConsentState.Silent;
            return new Deadline(_heardAt + _expiredAfter, DeadlineReason.Consent);
        }

        var deadline = new Deadline(silent, DeadlineReason.Consent);
        return canAsk && State != ConsentState.Silent ? Deadline.Earliest(deadline, Ask(now, out ask)) : deadline;
    }

    private Deadline Ask(Instant now, out bool ask)
    {
        Instant due = (State == ConsentState.Asked ? _askedAt + _askAgainAfter : _heardAt + _askAfter).Unhurried;
        ask = now >= due;
        if (ask)
        {
            State = ConsentState.Asked;
            _askedAt = now;
            due = (now + _askAgainAfter).Unhurried;
        }

        return new Deadline(due, DeadlineReason.SctpHeartbeat);
    }
}
