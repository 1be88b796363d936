namespace Bridge.Rtc;

/// <summary>The state of a peer as its owner sees it, with the silence that ends it (RFC 7675 §5.1).</summary>
internal sealed class PeerLifecycle(RtcPeerOptions options, OutputQueue output, RtcStats stats)
{
    private readonly ConsentMonitor _consent = new(options);
    private Instant _offeredAt;

    public RtcPeerState State { get; private set; }

    /// <summary>Why the peer failed, in one sentence; null while it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether the owner has asked for the end.</summary>
    public bool IsClosing { get; private set; }

    private bool IsLive => State is RtcPeerState.Connecting or RtcPeerState.Connected or RtcPeerState.Disconnected;

    /// <summary>The first offer is made or taken.</summary>
    public void NoteOffer(Instant now) => _offeredAt = now;

    /// <summary>Asks for the end.</summary>
    public void Close() => IsClosing |= State != RtcPeerState.Closed;

    /// <summary>The peer is gone, and says nothing of it.</summary>
    public void Dispose() => State = RtcPeerState.Closed;

    /// <summary>Connecting begins, for the first time or anew.</summary>
    public void Connect(Instant now)
    {
        _consent.Connect(now);
        Enter(now, RtcPeerState.Connecting);
    }

    /// <summary>ICE begins anew: a silent or failed connection gets its time to connect; a live one stays connected.</summary>
    public void Reconnect(Instant now)
    {
        if (State is RtcPeerState.Failed or RtcPeerState.Disconnected)
        {
            Connect(now);
        }
    }

    /// <summary>Takes in when the remote side was heard last; with a secured path, fresh consent means connected.</summary>
    public void Heard(Instant now, Instant heardAt, bool secured)
    {
        _consent.Heard(heardAt);
        if (secured && IsLive && _consent.TryConfirm(now))
        {
            Enter(now, RtcPeerState.Connected);
        }
    }

    /// <summary>Judges the silence.</summary>
    /// <param name="now">The time.</param>
    /// <param name="canAsk">Whether there is a way to ask for a sign of life.</param>
    /// <param name="ask">Whether the remote side is to be asked now.</param>
    /// <param name="expired">Whether consent has just expired: nothing may be sent any more.</param>
    public Deadline Advance(Instant now, bool canAsk, out bool ask, out bool expired)
    {
        (ask, expired) = (false, false);
        if (!IsLive)
        {
            return Deadline.Never;
        }

        bool connecting = _consent.State == ConsentState.Connecting;
        Deadline next = _consent.Advance(now, canAsk, out ask);
        switch (_consent.State)
        {
            case ConsentState.Silent:
                Enter(now, RtcPeerState.Disconnected);
                break;
            case ConsentState.Expired:
                expired = !connecting;
                Fail(now, connecting
                    ? "The connection could not be made in time."
                    : "Nothing was heard of the remote side for too long.");
                break;
        }

        return next;
    }

    public void Fail(Instant now, string reason)
    {
        Failure = reason;
        Enter(now, RtcPeerState.Failed);
    }

    public void Enter(Instant now, RtcPeerState state)
    {
        if (State == state || State == RtcPeerState.Closed)
        {
            return;
        }

        State = state;
        if (state == RtcPeerState.Connected)
        {
            Failure = null;
            stats.ConnectTime ??= now - _offeredAt;
        }

        output.AddState(state);
    }
}
