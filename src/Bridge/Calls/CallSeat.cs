using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>A call's place in the registry: its hub connection, the tokens that lead back to it, and the line it holds.</summary>
internal sealed class CallSeat(Call call, int maxOffers, IDisposable place)
{
    /// <summary>
    /// An offer costs the host work, and a change of codec memory until the call ends. A page that looks for a way back makes one
    /// every few seconds.
    /// </summary>
    public static readonly TimeSpan OfferEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _offering = new();
    private TimeSpan _nextOffer;
    private ITimer? _offerTimer;
    private volatile bool _hadOffer;

    public Call Call => call;

    /// <summary>Secrets of the page.</summary>
    public ResumeTokens Tokens { get; } = new();

    /// <summary>The hub connection that has the call now.</summary>
    public string? ConnectionId { get; private set; }

    /// <summary>The next offer comes from a page connection this call has not seen.</summary>
    public bool NeedsPeer { get; set; }

    /// <summary>Completes when the call is over and its page has been told; does not fail.</summary>
    public Task Over { get; set; } = Task.CompletedTask;

    /// <summary>Counts an offer; false when there were too many.</summary>
    /// <param name="now">The host's monotonic time.</param>
    public bool TakesOffer(TimeSpan now)
    {
        lock (_offering)
        {
            // Each offer moves the time at which there would have been none for long; it may lie only so far ahead.
            var next = (_nextOffer > now ? _nextOffer : now) + OfferEvery;
            if (next - now > maxOffers * OfferEvery)
            {
                return false;
            }

            _nextOffer = next;
            return true;
        }
    }

    /// <summary>A hub connection takes the call; the one that had it has it no more.</summary>
    public void Take(string connectionId)
    {
        ConnectionId = connectionId;
        NeedsPeer = true;
    }

    /// <summary>An offer was answered.</summary>
    public void Answered()
    {
        NeedsPeer = false;
        _hadOffer = true;
    }

    /// <summary>Gives the line back when no offer has been answered in time.</summary>
    public void ExpectOffer(HostClock clock, TimeSpan within)
    {
        _offerTimer = clock.CreateTimer("call offer", GiveBackUnused);
        _offerTimer.Change(within, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends a call that no page has made an offer for.</summary>
    public void GiveBackUnused()
    {
        if (!_hadOffer)
        {
            call.Post(new TurnInput.HangUpRequested(CallEnd.ConnectionLost));
        }
    }

    /// <summary>The call is over: its place is free.</summary>
    public void Release()
    {
        _offerTimer?.Dispose();
        place.Dispose();
    }
}
