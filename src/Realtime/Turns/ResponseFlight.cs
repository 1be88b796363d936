using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>A response on its way: from <c>response.create</c> to <c>response.done</c>.</summary>
/// <param name="tag">Comes back in its events.</param>
/// <param name="cause">Why it was asked for.</param>
/// <param name="maxOutputTokens">Output tokens that are paid for; null: it is not paid ahead.</param>
internal sealed class ResponseFlight(string tag, WantedResponse cause, int? maxOutputTokens = null)
{
    private readonly List<string> _messages = [];

    public string Tag { get; } = tag;

    public WantedResponse Cause { get; } = cause;

    public int? MaxOutputTokens { get; } = maxOutputTokens;

    /// <summary>Tag that the host reserved its money under; null: it reserved none.</summary>
    public string? PaidAs { get; set; } = maxOutputTokens is null ? null : tag;

    /// <summary>It reads the whole conversation and may call functions.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The service's id; null before <c>response.created</c>.</summary>
    public string? Id { get; set; }

    /// <summary>It was interrupted: nothing of it is played or run any more.</summary>
    public bool Cancelled { get; set; }

    /// <summary>The server is to begin it by itself: what asks for it should it not; null when it was asked for.</summary>
    public ModelCommand.CreateResponse? Withheld { get; set; }

    /// <summary>Name of its first event that was not understood; null: there was none.</summary>
    public string? FirstUnknown { get; set; }

    /// <summary>Its audio and words wait until the role's silence has passed.</summary>
    public bool IsHeld { get; set; }

    /// <summary>It was cancelled while it was held: nothing of it stays anywhere.</summary>
    public bool IsInVain { get; set; }

    /// <summary><c>response.cancel</c> was sent, or would come too late.</summary>
    public bool CancelSent { get; set; }

    /// <summary>The person's voice cut it off, not a button or the keyboard.</summary>
    public bool CutByVoice { get; set; }

    /// <summary>It brought audio.</summary>
    public bool Spoke { get; set; }

    /// <summary>Items that it wrote instead of saying them.</summary>
    public List<string> Written { get; } = [];

    /// <summary>It was silent for too long and cancelled for that: it is asked for again.</summary>
    public bool Stalled { get; set; }

    /// <summary>Its items that are messages of the agent.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Items that began and have not ended.</summary>
    public int OpenItems { get; set; }

    public bool AnyItem { get; set; }

    /// <summary>Something of it has come: an item, or words or audio of one that was not announced.</summary>
    public bool HasBegun => AnyItem || _messages.Count > 0;

    /// <summary>Its function calls.</summary>
    public ToolRound Round { get; } = new();

    /// <summary>A cancel would meet it: after the last item, <c>response.done</c> is already on its way.</summary>
    public bool IsCancellable => !CancelSent && (OpenItems > 0 || !AnyItem);

    /// <summary>An item of it began.</summary>
    public void OnItemAdded(ModelItem item)
    {
        AnyItem = true;
        OpenItems++;
        if (item.Kind == ModelItemKind.AgentMessage)
        {
            AddMessage(item.Id);
        }
    }

    /// <summary>
    /// Before its id is known a response is recognized by its tag. A response without a tag was begun by the server, or comes from a
    /// server that returns none.
    /// </summary>
    public bool IsTold(string? tag, bool returnsTags) => tag is null ? Withheld is not null || !returnsTags : tag == Tag;

    /// <summary>An item was written instead of said.</summary>
    public void AddWritten(string itemId)
    {
        if (!Written.Contains(itemId))
        {
            Written.Add(itemId);
        }
    }

    public void AddMessage(string itemId)
    {
        if (!_messages.Contains(itemId))
        {
            _messages.Add(itemId);
        }
    }
}
