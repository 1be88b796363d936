using System.Net;
using System.Threading.RateLimiting;
using Bridge.Limits;
using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>A call's place in the registry: its hub connection, the tokens that lead back to it, and the line it holds.</summary>
internal sealed class CallSeat(Call call, ResumeTokens tokens, int maxOffers, CallLine line)
{
    // An offer costs the host work, and a change of codec memory until the call ends. A page that looks for a way back makes one
    // every few seconds.
    private static readonly TimeSpan OfferEvery = TimeSpan.FromSeconds(2);

    // Without a timer: nothing of it has to be released, and an offer may come while the call ends.
    private readonly TokenBucketRateLimiter _offers = Bucket.Create(maxOffers, OfferEvery);
    private ITimer? _offerTimer;
    private volatile bool _hadOffer;

    public Call Call => call;

    /// <summary>Secrets of the page.</summary>
    public ResumeTokens Tokens => tokens;

    /// <summary>The hub connection that has the call now.</summary>
    public string? ConnectionId { get; private set; }

    /// <summary>The address that the connection comes from; null when unknown.</summary>
    public IPAddress? Address { get; private set; }

    /// <summary>The next offer comes from a page connection this call has not seen.</summary>
    public bool NeedsPeer { get; set; }

    /// <summary>Completes when the call is over and its page has been told; does not fail.</summary>
    public Task Over { get; set; } = Task.CompletedTask;

    /// <summary>Counts an offer; false when there were too many, with the time until the next.</summary>
    public bool TakesOffer(out TimeSpan retryAfter) => Bucket.Takes(_offers, out retryAfter);

    /// <summary>A hub connection takes the call; the one that had it has it no more.</summary>
    public void Take(string connectionId, IPAddress? address)
    {
        ConnectionId = connectionId;
        Address = address;
        NeedsPeer = true;
    }

    /// <summary>An offer was answered.</summary>
    public void Answered()
    {
        NeedsPeer = false;
        _hadOffer = true;
    }

    /// <summary>Gives the line back when no offer has been answered in time.</summary>
    /// <param name="clock">The host's.</param>
    /// <param name="within">The time.</param>
    /// <param name="hadOffer">The call had one before its host crashed: it is waited for like any call whose page is away.</param>
    public void ExpectOffer(HostClock clock, TimeSpan within, bool hadOffer)
    {
        _hadOffer = hadOffer;
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

    /// <summary>The call is over: its line is free.</summary>
    public void Release()
    {
        _offerTimer?.Dispose();
        line.Dispose();
    }
}
