namespace Bridge.Calls;

/// <summary>A call's place in the registry: which hub connection has it, and the token that leads back to it.</summary>
internal sealed class CallSeat(Call call, string resumeToken)
{
    // An offer costs the host work, and a change of codec memory until the call ends. A page that looks for a way back
    // makes one every few seconds.
    private const int OffersAtOnce = 60;
    private static readonly TimeSpan OfferEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _offering = new();
    private TimeSpan _nextOffer;

    public Call Call => call;

    /// <summary>Secret of the page.</summary>
    public string ResumeToken => resumeToken;

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
            if (next - now > OffersAtOnce * OfferEvery)
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
}
