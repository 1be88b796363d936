namespace Bridge.Rehearsal.Live;

/// <summary>
/// Context that the client appended and that is not on the timeline yet. It gets there 600 to 1,000 ms of input audio later, in the
/// order in which it was sent; without audio, never.
/// </summary>
internal sealed class LiveAppends(LiveEvents events, RehearsalIds ids, LiveTimeline timeline)
{
    // Nobody waits for so many; a client without audio may not grow the session.
    private const int MaxWaiting = 256;
    private const int SoonestMs = 600;
    private const int SpreadMs = 200;

    private readonly Queue<(Append Append, long Cell)> _waiting = new();
    private long _last;

    /// <summary>The kind of context.</summary>
    public enum Kind
    {
        Instructions,
        Thinking,
        Commentary,
    }

    /// <summary>Takes one append.</summary>
    public ServiceError? Add(Append append)
    {
        if (append.Content.Length > LiveErrors.MaxAppendCharacters)
        {
            return LiveErrors.AppendTooLong();
        }

        if (_waiting.Count == MaxWaiting)
        {
            return LiveErrors.AppendsFull(MaxWaiting);
        }

        _last = Math.Max(_last, timeline.CellIn(SoonestMs + ids.Number(SpreadMs)));
        _waiting.Enqueue((append, _last));
        return null;
    }

    /// <summary>Places what is due in a cell, and says so.</summary>
    public bool TryPlace(long cell, out Append append)
    {
        append = null!;
        if (!_waiting.TryPeek(out var next) || next.Cell > cell)
        {
            return false;
        }

        append = _waiting.Dequeue().Append;
        var json = events.BeginAnswer(
            append.Kind switch
            {
                Kind.Instructions => "session.instructions.appended"u8,
                Kind.Thinking => "session.thinking.appended"u8,
                _ => "session.commentary.appended"u8,
            },
            append.ClientEventId);
        LiveEvents.WriteCell(json, cell);
        events.End();
        return true;
    }

    /// <summary>The session ends: each append that is not placed gets its error.</summary>
    public void Close()
    {
        while (_waiting.TryDequeue(out var waiting))
        {
            events.Error(LiveErrors.Unplaced(), waiting.Append.ClientEventId);
        }
    }

    /// <summary>One append.</summary>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Content">Its text.</param>
    /// <param name="ClientEventId">The command's id.</param>
    public sealed record Append(Kind Kind, string Content, string? ClientEventId);
}
