namespace Bridge.Realtime.Turns;

/// <summary>One model session as the machine sees it.</summary>
internal sealed class ModelLink(int number, string reason)
{
    public int Number { get; } = number;

    public string Reason { get; } = reason;

    public bool Opened { get; set; }

    /// <summary>The configuration it was told.</summary>
    public SessionConfiguration Configuration { get; } = new();

    /// <summary>It is open and has confirmed its configuration: it may be adopted.</summary>
    public bool IsReady => Opened && Configuration.IsConfirmed;

    public TimeSpan? ExpiresAt { get; set; }

    /// <summary>The agent was heard from this session: its voice is fixed.</summary>
    public bool Spoke { get; set; }

    /// <summary>The inputs that the server answers by itself.</summary>
    public ServerAnswers Answers { get; } = new();

    /// <summary>How much the session's conversation holds.</summary>
    public ContextSize Size { get; } = new();

    /// <summary>Ids in the session's conversation, as far as it told us or we told it.</summary>
    public HashSet<string> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids in the session's own order, those deleted since included.</summary>
    public List<string> Order { get; } = [];

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
