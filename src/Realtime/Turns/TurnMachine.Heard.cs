using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// What was heard, as well as can be known, and what follows from it when the agent is cut off.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan VoiceSettle = TimeSpan.FromMilliseconds(400);

    // Longer than any jitter buffer plays on after the last packet; and less than a word is no loss.
    private static readonly TimeSpan TailLimit = TimeSpan.FromMilliseconds(InFlightLimitMs);
    private const int TailSlackMs = 40;
    private (SpokenItem Item, TimeSpan At)? _finished;

    /// <summary>Position heard within the item, ms: the page's report carried forward; else the server's, less the delay to the ear.</summary>
    private int HeardNow(SpokenItem item)
    {
        if (item.Track is null)
        {
            return 0;
        }

        var cap = Math.Min(item.ClearedAt ?? int.MaxValue, item.Generated - item.TrackStart);
        var until = item.Cleared && item.ClearedAt is null && _now > item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs)
            ? item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs)
            : _now;
        double heard;
        if (item.PageReport is { } page && _now - page.At <= _options.HeardReportMaxAge)
        {
            heard = page.Milliseconds + Math.Max(0, (until - page.At).TotalMilliseconds);
        }
        else if (item.ServerReport is { } server)
        {
            heard = Math.Max(server.Milliseconds + (until - server.At).TotalMilliseconds - PlayoutDelayMs, item.PageReport?.Milliseconds ?? 0);
        }
        else if (item.ClearedAt is { } sent && _now >= item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs))
        {
            heard = sent;
        }
        else
        {
            heard = Math.Max(item.PageReport?.Milliseconds ?? 0, (until - item.TrackSince).TotalMilliseconds - PlayoutDelayMs);
        }

        return item.TrackStart + (int)Math.Clamp(heard, 0, Math.Max(0, cap));
    }

    // Where the page silenced its speaker, if it said so. Else what had left for it before the clear still comes out: that
    // was heard, unless the page is so far behind that it can't be playing it any more.
    private int HeardInTheEnd(SpokenItem item)
    {
        var now = HeardNow(item);
        if (item is not { Track: not null, ClearedAt: { } sent })
        {
            return now;
        }

        var end = item.TrackStart + Math.Clamp(Math.Min(sent, item.SilencedAt ?? sent), 0, item.Generated - item.TrackStart);
        if (item.SilencedAt is not null)
        {
            return end;
        }

        if (_heldForPage && _playoutDelayMs >= 0)
        {
            return Math.Min(HeardBeforeAbsence(item), end);
        }

        var pageLives = item.PageReport is { } page && _now - page.At <= _options.HeardReportMaxAge;
        return pageLives && end - now > InFlightLimitMs ? now : end;
    }

    // Its own word is all that counts of a page that is away: what was sent since may have gone nowhere.
    private static int HeardBeforeAbsence(SpokenItem item) => item.TrackStart + (item.PageReport?.Milliseconds ?? 0);

    // A page that is gone is missed only after seconds. What left for it meanwhile, to its end, was counted as heard.
    private void RecallUnheard()
    {
        if (_playoutDelayMs < 0 || _finished is not var (item, at) || _now - at > UnnoticedAbsence
            || item.Generated - HeardBeforeAbsence(item) <= InFlightLimitMs || Conversation.Find(item.ItemId) is not { Interrupted: false })
        {
            return;
        }

        _finished = null;
        (item.Cleared, item.ClearedSince, item.ClearedAt) = (true, _now, item.Generated - item.TrackStart);
        _spoken.Insert(0, item);
    }

    // The page's last word on what was heard is waited for; the response to come waits with it. After speech that is no
    // loss: its own end has to come first.
    private void SettleHeard(bool voice)
    {
        var wait = voice ? _options.HeardSettle + VoiceSettle : _options.HeardSettle;
        var due = _spoken.Max(item => item.ClearedSince < _now ? item.ClearedSince : _now) + wait;
        if (due <= _now)
        {
            FixHeard();
        }
        else
        {
            _timers.Set(TurnTimer.Settle, due);
        }
    }

    private void FixHeard()
    {
        _timers.Clear(TurnTimer.Settle);
        foreach (var item in _spoken.ToArray())
        {
            if (!item.Cleared)
            {
                continue;
            }

            var heard = HeardInTheEnd(item);
            if (item.AudioDone && !item.BrokenOff && heard >= item.Generated)
            {
                FinishItem(item);
                continue;
            }

            _spoken.Remove(item);
            if (heard <= 0)
            {
                RemoveItem(item.ItemId, "interrupted before it was heard");
            }
            else
            {
                LogTruncation(item, heard, tellModel: true);
            }
        }
    }

    // All of it was sent, and counted as heard; but the page silenced its speaker while the end was still under way to the ear.
    private void CutTail(string track, int milliseconds)
    {
        if (_finished is not var (item, at) || item.Track != track || _now - at > TailLimit)
        {
            return;
        }

        _finished = null;
        var heard = item.TrackStart + milliseconds;
        if (heard > 0 && heard < item.Generated - TailSlackMs && Conversation.Find(item.ItemId) is { Interrupted: false })
        {
            LogTruncation(item, heard, tellModel: true);
        }
    }

    private void LogTruncation(SpokenItem item, int heard, bool tellModel)
    {
        var text = item.TextSoFar;
        var length = HeardText.Prefix(text, heard, item.Generated, item.TextDone && item.AudioDone && !item.BrokenOff, _speakingRate);
        var heardText = text[..length];
        Log(new ConversationEntry.Truncated(LogTime, item.ItemId, heard, item.Generated, heardText, text[length..]));
        ShowLine(item.ItemId, text, final: true, interrupted: true, length);
        if (!tellModel || _current is not { } link)
        {
            return;
        }

        if (link.Number == item.Session)
        {
            Send(new ModelCommand.TruncateItem(item.ItemId, item.ContentIndex, heard));
        }
        else if (link.Items.Contains(item.ItemId))
        {
            // Replayed into this session as text: replaced by the words that were heard.
            _deletes.Add(item.ItemId);
            if (heardText.Length > 0)
            {
                var id = NewItemId("h");
                link.Items.Add(id);
                Send(new ModelCommand.CreateItem(new ModelItem(id, ModelItemKind.AgentMessage) { Text = heardText }, item.ItemId));
            }
        }
    }
}
