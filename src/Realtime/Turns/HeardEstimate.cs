namespace Bridge.Realtime.Turns;

/// <summary>
/// Estimates what was heard of a message, from the reports of the page and of the packet clock. It learns the delay from
/// the packet clock to the ear, and how fast the voice speaks.
/// </summary>
internal sealed class HeardEstimate(TurnContext context)
{
    /// <summary>More than a browser's jitter buffer ever holds back, ms.</summary>
    public const int MaxInFlightMs = 1500;

    // A page that does not report is taken to be gone after 5 s; what was sent to it in this time may not have been heard.
    private static readonly TimeSpan UnnoticedAbsence = TimeSpan.FromSeconds(10);
    private const int ForgetMarginMs = 1000;

    // The page reports every 150 ms: behind an older report three are missing, and the packet clock's counts.
    private static readonly TimeSpan MaxReportAge = TimeSpan.FromMilliseconds(500);

    // From the packet clock to the ear, until the page has reported: a jitter buffer of a few packets, and a short path.
    private const double AssumedDelayMs = 120;
    private double _speakingRate = HeardText.TypicalRate;
    private double? _delayMs;

    private double DelayMs => _delayMs ?? AssumedDelayMs;

    /// <summary>
    /// Position heard within the item now, ms: the page's report carried forward; else the server's, less the delay to the ear.
    /// </summary>
    public int HeardNow(SpokenItem item)
    {
        if (item.Track is null)
        {
            return 0;
        }

        var now = context.Now;
        var delay = DelayMs;
        var cap = Math.Min(item.ClearedAt ?? int.MaxValue, item.TrackLength);
        var until = item.Cleared && item.ClearedAt is null && now > item.ClearedSince + TimeSpan.FromMilliseconds(delay)
            ? item.ClearedSince + TimeSpan.FromMilliseconds(delay)
            : now;
        double heard;
        if (item.PageReport is { } page && now - page.At <= MaxReportAge)
        {
            heard = page.Milliseconds + Math.Max(0, (until - page.At).TotalMilliseconds);
        }
        else if (item.ServerReport is { } server)
        {
            heard = Math.Max(server.Milliseconds + (until - server.At).TotalMilliseconds - delay, item.PageReport?.Milliseconds ?? 0);
        }
        else if (item.ClearedAt is { } sent && now >= item.ClearedSince + TimeSpan.FromMilliseconds(delay))
        {
            heard = sent;
        }
        else
        {
            heard = Math.Max(item.PageReport?.Milliseconds ?? 0, (until - item.TrackSince).TotalMilliseconds - delay);
        }

        return item.TrackStart + (int)Math.Clamp(heard, 0, Math.Max(0, cap));
    }

    /// <summary>
    /// Position heard in the end of an item that was cleared, ms: where the page silenced its speaker, if it said so. Else
    /// the audio that had left for the page still comes out and was heard, unless the page is so far behind that it can't
    /// be playing it any more.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="pageAway">The page is not there: its last report counts.</param>
    public int HeardInTheEnd(SpokenItem item, bool pageAway)
    {
        var now = HeardNow(item);
        if (item is not { Track: not null, ClearedAt: { } sent })
        {
            return now;
        }

        var end = item.TrackStart + Math.Clamp(Math.Min(sent, item.SilencedAt ?? sent), 0, item.TrackLength);
        if (item.SilencedAt is not null)
        {
            return end;
        }

        if (pageAway && _delayMs is not null)
        {
            var reported = HeardBeforeAbsence(item);
            var sentUntil = item.CutOffAt is { } cutOff && item.Sent.SentAt(cutOff) is { } atCutOff ? item.TrackStart + atCutOff : reported;
            return Math.Min(Math.Max(reported, sentUntil), end);
        }

        var pageLives = item.PageReport is { } page && context.Now - page.At <= MaxReportAge;
        return pageLives && end - now > MaxInFlightMs ? now : end;
    }

    /// <summary>
    /// Position that the page reported last, ms. Nothing else counts for a page that is away: what was sent since may be lost.
    /// </summary>
    public static int HeardBeforeAbsence(SpokenItem item) => item.TrackStart + (item.PageReport?.Milliseconds ?? 0);

    /// <summary>
    /// True when the page went away before it played the end of an item that was counted as heard when its last packet had left.
    /// </summary>
    public bool IsLostInAbsence(SpokenItem item, TimeSpan finishedAt) =>
        _delayMs is not null && context.Now - finishedAt <= UnnoticedAbsence && item.Generated - HeardBeforeAbsence(item) > MaxInFlightMs;

    /// <summary>The page went away, and its path was cut this long ago; null: not known.</summary>
    public void OnPageLeft(SpokenItems items, TimeSpan? silentFor)
    {
        foreach (var item in items)
        {
            item.CutOffAt = context.Now - silentFor;
        }
    }

    /// <summary>A page's report of the position it has played, ms of the track.</summary>
    public void LearnDelay(SpokenItem item, int milliseconds)
    {
        if (item.ServerReport is { } server)
        {
            var delay = Math.Clamp(server.Milliseconds + (context.Now - server.At).TotalMilliseconds - milliseconds, 0, 2000);
            _delayMs = _delayMs is { } before ? before + ((delay - before) * 0.2) : delay;
        }
    }

    /// <summary>An item was heard whole.</summary>
    public void LearnRate(SpokenItem item)
    {
        if (item.Generated > 500)
        {
            var rate = HeardText.Weigh(item.TextSoFar) / item.Generated;
            _speakingRate = Math.Clamp(_speakingRate + ((rate - _speakingRate) * 0.3), 0.005, 0.05);
        }
    }

    /// <summary>Lets go of the audio that can't be played again.</summary>
    public void Forget(SpokenItem item) => item.Audio.Forget(item.PageReport is { } page
        ? item.TrackStart + page.Milliseconds - ForgetMarginMs
        : HeardNow(item) - (int)UnnoticedAbsence.TotalMilliseconds);

    /// <summary>Characters of a text of the item that were heard at a position.</summary>
    public int TextHeard(SpokenItem item, string text, int heardMs, bool complete) =>
        item.Words?.Heard(text, heardMs) ?? HeardText.Prefix(text, heardMs, item.Generated, complete, _speakingRate);
}
