using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The person's words that only a session that is gone knew as audio: since when the microphone has to be heard again by
/// the next session, and whether it has to commit a turn then. Part of <see cref="UserTurns"/>.
/// </summary>
internal sealed class InputReplay(TurnContext context)
{
    // Since when the talk key was down, for each commit that the model has not confirmed yet.
    private readonly Queue<TimeSpan> _commits = new();
    private bool _commitAfter;

    /// <summary>The microphone since then is spoken again; null: nothing is.</summary>
    public TimeSpan? From { get; private set; }

    /// <summary>Since when a turn of the talk key waits whole for a session; null: none does.</summary>
    public TimeSpan? TurnSince => _commitAfter ? From : null;

    /// <summary>Since when the talk key was down for the oldest turn that the model has not confirmed; null: there is none.</summary>
    public TimeSpan? Unconfirmed => _commits.TryPeek(out var pressed) ? pressed : null;

    /// <summary>Speaks the microphone again at least since then.</summary>
    public void Include(TimeSpan from) => From = Earlier(from);

    /// <summary>Speaks the microphone again since then, and not before.</summary>
    public void Start(TimeSpan from) => From = from;

    /// <summary>Whether the audio that waits ends a turn of the talk key.</summary>
    public void CommitAfter(bool commit) => _commitAfter = commit;

    public void Forget() => From = null;

    /// <summary>Ends a turn of the talk key that began at <paramref name="from"/>.</summary>
    public void Commit(TimeSpan from)
    {
        _commits.Enqueue(from);
        context.Send(new ModelCommand.CommitInput());
    }

    /// <summary>A turn was committed: when the talk key went down for it; null: it was found by voice.</summary>
    public TimeSpan? OnCommitted() => _commits.TryDequeue(out var pressed) ? pressed : null;

    /// <summary>The session is lost. True when it had not confirmed a commit, whose turn is then spoken again.</summary>
    public bool TryIncludeUnconfirmed()
    {
        if (Unconfirmed is not { } pressed)
        {
            return false;
        }

        Include(pressed);
        return true;
    }

    /// <summary>A session takes over: from when on it has to hear the microphone; null: only what comes.</summary>
    /// <param name="pressed">Since when the talk key is down; null: it is not.</param>
    public TimeSpan? Take(TimeSpan? pressed)
    {
        var from = pressed is { } down ? Earlier(down) : From;
        From = null;
        return from;
    }

    /// <summary>The session has taken over, and hears the microphone since <paramref name="replayedFrom"/>.</summary>
    public void OnTaken(TimeSpan? replayedFrom)
    {
        _commits.Clear();
        if (_commitAfter)
        {
            _commitAfter = false;
            Commit(replayedFrom ?? context.Now);
        }
    }

    private TimeSpan Earlier(TimeSpan other) => From is { } from && from < other ? from : other;
}
