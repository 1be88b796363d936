using Bridge.Realtime.Turns;
using Bridge.Rtc;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>
/// Whether the page of a call is there: its connection stands and it said hello. The call waits for one that is away for
/// its grace time; until its first hello a page has the time to join, of which its person may need the most to allow the
/// microphone.
/// </summary>
internal sealed class PagePresence : IAsyncDisposable
{
    // A page that closes its connection was heard a moment ago; one whose way is cut has been silent for seconds.
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);
    private readonly CallMailbox _mailbox;
    private readonly Action<bool> _pathInterrupted;
    private readonly ITimer _grace;
    private readonly TimeSpan _graceTime;
    private bool _greeted;
    private bool _everGreeted;
    private bool _connected;

    /// <param name="mailbox">Where the call is notified.</param>
    /// <param name="clock">Measures the waiting.</param>
    /// <param name="graceTime">How long a page that went away is waited for.</param>
    /// <param name="pathInterrupted">Told that the connection is interrupted or back.</param>
    public PagePresence(CallMailbox mailbox, HostClock clock, TimeSpan graceTime, Action<bool> pathInterrupted)
    {
        _mailbox = mailbox;
        _graceTime = graceTime;
        _pathInterrupted = pathInterrupted;
        _grace = clock.CreateTimer("call grace", () => mailbox.Post(new TurnInput.HangUpRequested(CallEnd.ConnectionLost)));
    }

    /// <summary>True while the page can hear.</summary>
    public bool IsThere => _greeted && _connected;

    /// <summary>The time to join begins.</summary>
    public void Start(TimeSpan joinTime) => _grace.Change(joinTime, Timeout.InfiniteTimeSpan);

    /// <summary>The page was there at another host, and has this one's channel already.</summary>
    public void GoOn()
    {
        _greeted = _everGreeted = true;
        Wait();
        _mailbox.Post(new TurnInput.PageConnectionChanged(IsThere));
    }

    /// <summary>The page said hello.</summary>
    public ValueTask HelloAsync()
    {
        _greeted = _everGreeted = true;
        return TellAsync();
    }

    /// <summary>The data channel is gone.</summary>
    public ValueTask GoneAsync()
    {
        _greeted = false;
        return TellAsync();
    }

    /// <summary>The connection changed.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="silentFor">Nothing has come from the page for this long.</param>
    public void StateChanged(RtcPeerState state, TimeSpan? silentFor)
    {
        var connected = state == RtcPeerState.Connected;
        if (connected == _connected)
        {
            return;
        }

        _connected = connected;
        _pathInterrupted(!connected);
        Wait();
        _mailbox.Post(new TurnInput.PageConnectionChanged(IsThere) { SilentFor = connected || silentFor < Gap ? null : silentFor });
    }

    public ValueTask DisposeAsync() => _grace.DisposeAsync();

    private ValueTask TellAsync()
    {
        Wait();
        return _mailbox.PostAsync(new TurnInput.PageConnectionChanged(IsThere));
    }

    private void Wait()
    {
        if (_everGreeted)
        {
            _grace.Change(IsThere ? Timeout.InfiniteTimeSpan : _graceTime, Timeout.InfiniteTimeSpan);
        }
    }
}
