using Bridge.Realtime.Conversation;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The item whose last packet left last. It was counted as heard whole; the page may yet say that its end was not heard.
/// Part of <see cref="Playback"/>.
/// </summary>
internal sealed class FinishedItem(TurnContext context, ConversationLog log, HeardEstimate heard, AgentTranscript transcript)
{
    // Longer than any jitter buffer plays on after the last packet; and less than a word is no loss.
    private static readonly TimeSpan MaxTail = TimeSpan.FromMilliseconds(HeardEstimate.MaxInFlightMs);
    private const int TailSlackMs = 40;
    private (SpokenItem Item, TimeSpan At)? _last;

    public void Set(SpokenItem item) => _last = (item, context.Now);

    /// <summary>
    /// A position of a track that is not played any more. The page may have silenced its speaker while the end was still under way to the
    /// ear.
    /// </summary>
    public void OnReported(string track, int milliseconds, PlayoutSource source, bool silenced)
    {
        if (_last is not var (item, at) || item.Track != track)
        {
            return;
        }

        if (source == PlayoutSource.Page)
        {
            item.PageReport = (context.Now, milliseconds);
        }

        if (!silenced || context.Now - at > MaxTail)
        {
            return;
        }

        _last = null;
        var end = item.TrackStart + milliseconds;
        if (end > 0 && end < item.Generated - TailSlackMs && IsUncut(item))
        {
            transcript.Truncate(item, end, tellModel: true);
        }
    }

    /// <summary>
    /// The page is gone, which the host notices only after seconds. Gives the item back when its end left meanwhile: it was
    /// not heard. Null: there is none.
    /// </summary>
    public SpokenItem? TakeLost()
    {
        if (_last is not var (item, at) || !heard.IsLostInAbsence(item, at) || !IsUncut(item))
        {
            return null;
        }

        _last = null;
        (item.Cleared, item.ClearedSince, item.ClearedAt) = (true, context.Now, item.TrackLength);
        return item;
    }

    private bool IsUncut(SpokenItem item) => log.Find(item.ItemId) is { Interrupted: false };
}
