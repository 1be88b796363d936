using System.Text;

namespace Bridge.Realtime;

/// <summary>One model session as the machine sees it.</summary>
internal sealed class ModelLink(int number, string reason)
{
    public int Number { get; } = number;

    public string Reason { get; } = reason;

    public bool Opened { get; set; }

    public TimeSpan? ExpiresAt { get; set; }

    /// <summary>The agent was heard from this session: its voice is fixed.</summary>
    public bool Spoke { get; set; }

    /// <summary>Ids in the session's conversation, as far as it told us or we told it.</summary>
    public HashSet<string> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids in the session's own order, those deleted since included.</summary>
    public List<string> Order { get; } = [];

    /// <summary>Voice it was configured with.</summary>
    public string? Voice { get; set; }

    /// <summary>The session says that it has an item, and behind which one; null: behind all it told of.</summary>
    public void Tell(string itemId, string? previous)
    {
        if (Items.Add(itemId) || !Order.Contains(itemId))
        {
            var at = previous is null ? -1 : Order.LastIndexOf(previous);
            Order.Insert(at < 0 ? Order.Count : at + 1, itemId);
        }
    }
}

/// <summary>A response on its way: from response.create to response.done.</summary>
internal sealed class ResponseFlight(string tag, WantedResponse cause)
{
    public string Tag { get; } = tag;

    public WantedResponse Cause { get; } = cause;

    public string? Id { get; set; }

    /// <summary>It was interrupted: nothing of it is played or run any more.</summary>
    public bool Cancelled { get; set; }

    public bool CancelSent { get; set; }

    /// <summary>Items of this response that are messages of the agent.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Items that began and have not ended.</summary>
    public int OpenItems { get; set; }

    public bool AnyItem { get; set; }

    /// <summary>Calls of this response.</summary>
    public ToolRound Round { get; } = new();
}

/// <summary>The calls of one response, answered together.</summary>
internal sealed class ToolRound
{
    public List<ToolRun> Runs { get; } = [];

    /// <summary>The response that made them has ended: outputs may go out.</summary>
    public bool Closed { get; set; }

    /// <summary>Its outputs ask for no response: the person has gone on.</summary>
    public bool Quiet { get; set; }
}

/// <summary>Why a response is wanted; a higher one takes over a lower one.</summary>
internal enum WantedResponse
{
    None,
    Idle,
    Progress,
    Greeting,
    Continuation,
    ToolOutputs,
    UserTurn,
}

/// <summary>One function call, from its arguments to its output in the conversation.</summary>
internal sealed class ToolRun(string callId, string itemId, string name, string arguments, ToolPolicy policy)
{
    public string CallId { get; } = callId;

    public string ItemId { get; } = itemId;

    public string Name { get; } = name;

    public string Arguments { get; } = arguments;

    public ToolPolicy Policy { get; } = policy;

    public required ToolRound Round { get; init; }

    public bool Started { get; set; }

    public string? Output { get; set; }

    /// <summary>Its output is on the way into the conversation.</summary>
    public bool Answered { get; set; }

    /// <summary>It was given an answer early and its result is told later.</summary>
    public bool Detached { get; set; }

    public TimeSpan LastProgress { get; set; } = TimeSpan.MinValue;
}

/// <summary>Possible interruption whose verdict (words, or a cough) is still out.</summary>
internal sealed class Interruption(TimeSpan at, string? itemId)
{
    public TimeSpan At { get; } = at;

    public string? ItemId { get; set; } = itemId;

    /// <summary>Playout was stopped at once; otherwise it goes on until the verdict.</summary>
    public bool Cleared { get; set; }

    public bool Committed { get; set; }

    public bool SpeechEnded { get; set; }
}

/// <summary>An agent's message that is being generated, played, or both.</summary>
internal sealed class SpokenItem(string itemId, int session)
{
    private readonly List<ReadOnlyMemory<byte>> _audio = [];
    private long _dropped;
    private int _firstAudio;

    public string ItemId { get; } = itemId;

    public int Session { get; } = session;

    public int ContentIndex { get; set; }

    public StringBuilder Text { get; } = new();

    public bool TextDone { get; set; }

    public bool AudioDone { get; set; }

    /// <summary>Name under which it is (or was last) being played; null: not yet.</summary>
    public string? Track { get; set; }

    /// <summary>Where in the item the track begins, ms.</summary>
    public int TrackStart { get; set; }

    /// <summary>The track was emptied from the queue; positions are frozen when the settle time is over.</summary>
    public bool Cleared { get; set; }

    public TimeSpan ClearedSince { get; set; }

    /// <summary>Its generation broke off by a fault: what was received is all there is.</summary>
    public bool BrokenOff { get; set; }

    /// <summary>Length of the track that was handed to the network when it was cleared; null: unknown.</summary>
    public int? ClearedAt { get; set; }

    public TimeSpan TrackSince { get; set; }

    public (TimeSpan At, int Milliseconds)? PageReport { get; set; }

    public (TimeSpan At, int Milliseconds)? ServerReport { get; set; }

    public int ShownLength { get; set; } = -1;

    public long Bytes { get; private set; }

    /// <summary>Audio received, ms.</summary>
    public int Generated => (int)(Bytes / 48);

    public string TextSoFar => Text.ToString();

    public void Add(ReadOnlyMemory<byte> pcm)
    {
        _audio.Add(pcm);
        Bytes += pcm.Length;
    }

    /// <summary>Lets go of audio that was heard; it will never be played again.</summary>
    public void Forget(int heardMs)
    {
        while (_firstAudio < _audio.Count && _dropped + _audio[_firstAudio].Length <= heardMs * 48L)
        {
            _dropped += _audio[_firstAudio].Length;
            _audio[_firstAudio++] = default;
        }
    }

    /// <summary>The audio from a position on.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> From(int milliseconds)
    {
        var at = _dropped;
        var from = milliseconds * 48L;
        for (var i = _firstAudio; i < _audio.Count; i++)
        {
            var skip = Math.Clamp(from - at, 0, _audio[i].Length);
            at += _audio[i].Length;
            if (skip < _audio[i].Length)
            {
                yield return _audio[i][(int)skip..];
            }
        }
    }
}
