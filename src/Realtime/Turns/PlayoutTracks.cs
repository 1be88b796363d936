using System.Globalization;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The host's playout queue as the machine knows it: each message is played under the name of a track, and under another
/// after it was cleared and resumed. Part of <see cref="Playback"/>.
/// </summary>
internal sealed class PlayoutTracks(TurnContext context, SpokenItems items, HeardEstimate heard)
{
    private static readonly TimeSpan PlayoutGrace = TimeSpan.FromSeconds(3);
    private readonly Deadline _overdue = context.Timers.Own(TurnTimer.Playout);
    private int _resumed;

    /// <summary>Queues audio of an item.</summary>
    public void Play(SpokenItem item, ReadOnlyMemory<byte> pcm)
    {
        if (item.Track is null)
        {
            item.Track = item.ItemId;
            item.TrackSince = context.Now;
        }

        context.Emit(new TurnCommand.PlayAudio(item.Track, item.ContentIndex, pcm));
    }

    /// <summary>The audio of an item is whole: its track ends with it.</summary>
    public void Finish(SpokenItem item)
    {
        if (item is { AudioDone: true, Cleared: false, Track: { } track })
        {
            context.Emit(new TurnCommand.FinishPlayout(track));
            Watch();
        }
    }

    /// <summary>A position was reported: the queue lives.</summary>
    public void OnProgress()
    {
        if (_overdue.IsSet)
        {
            Watch();
        }
    }

    /// <summary>Nothing is played any more.</summary>
    public void OnEmpty() => _overdue.Clear();

    /// <summary>The timer <see cref="TurnTimer.Playout"/> is due. The track whose end was not reported; null: there is none.</summary>
    public string? TakeOverdue()
    {
        if (items.First is not { AudioDone: true, Cleared: false, Track: { } track })
        {
            return null;
        }

        context.Report("playout_overdue", "the playout queue did not report the end of a track");
        return track;
    }

    /// <summary>Empties the queue.</summary>
    public void Clear()
    {
        var any = false;
        foreach (var item in items)
        {
            if (!item.Cleared)
            {
                item.Cleared = true;
                item.ClearedSince = context.Now;
                any |= item.Track is not null;
            }
        }

        _overdue.Clear();
        if (any)
        {
            context.Emit(new TurnCommand.ClearPlayout());
        }
    }

    /// <summary>The queue was emptied after so many milliseconds of the track; null: nothing was being played.</summary>
    public void OnCleared(string? track, int milliseconds)
    {
        // Tracks play one after the other: those before the one that was cut had gone out, those behind it had not.
        var cut = items.FindTrack(track);
        var before = cut is not null;
        foreach (var item in items)
        {
            if (item is { Cleared: true, ClearedAt: null, Track: not null })
            {
                item.ClearedAt = item == cut ? Math.Min(milliseconds, item.TrackLength)
                    : before ? item.TrackLength
                    : cut is null ? item.ServerReport?.Milliseconds ?? item.PageReport?.Milliseconds ?? 0 : 0;
            }

            before &= item != cut;
        }
    }

    /// <summary>Plays an item again from a position on, ms.</summary>
    public void Resume(SpokenItem item, int from)
    {
        if (item.Track is not null)
        {
            item.Track = item.ItemId + "~" + (++_resumed).ToString(CultureInfo.InvariantCulture);
        }

        (item.TrackStart, item.TrackSince) = (from, context.Now);
        (item.Cleared, item.ClearedAt, item.SilencedAt, item.PageReport) = (false, null, null, null);
        item.Sent.Clear();
        foreach (var pcm in item.Audio.From(from))
        {
            Play(item, pcm);
        }

        Finish(item);
    }

    private void Watch()
    {
        double left = 0;
        foreach (var item in items)
        {
            left += item.Generated - heard.HeardNow(item);
        }

        _overdue.Set(context.Now + TimeSpan.FromMilliseconds(left) + PlayoutGrace);
    }
}
