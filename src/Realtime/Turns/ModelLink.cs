namespace Bridge.Realtime.Turns;

/// <summary>One model session as the machine sees it.</summary>
internal sealed class ModelLink(int number, string reason)
{
    public int Number { get; } = number;

    public string Reason { get; } = reason;

    public bool Opened { get; set; }

    /// <summary>The configuration it was sent.</summary>
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

    /// <summary>Ids in the session's conversation, as far as it reported them or we sent them.</summary>
    public HashSet<string> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Typed items that the session has not confirmed yet: no answer of the server's own reads it.</summary>
    public HashSet<string> Unread { get; } = new(StringComparer.Ordinal);

    /// <summary>Items of responses that are not the call's: they crossed a request, or were left to run out. They are deleted.</summary>
    public HashSet<string> Strays { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids in the session's own order, those deleted since included.</summary>
    public List<string> Order { get; } = [];

    /// <summary>Takes the strays, to delete them. They are known from now on: the session may tell of them once more.</summary>
    public IEnumerable<string> TakeStrays()
    {
        if (Strays.Count == 0)
        {
            return [];
        }

        var strays = Strays.ToArray();
        Order.AddRange(strays.Where(id => !Order.Contains(id)));
        Strays.Clear();
        return strays;
    }

    /// <summary>The item is, or was, one that the call knows.</summary>
    public bool Knows(string itemId) =>
        Items.Contains(itemId) || Order.Contains(itemId) || itemId.StartsWith(ConversationWriter.OwnId, StringComparison.Ordinal);

    /// <summary>The session says that it has an item, and behind which one; null: behind all it reported.</summary>
    public void Tell(string itemId, string? previous)
    {
        if (Items.Add(itemId) || !Order.Contains(itemId))
        {
            var at = previous is null ? -1 : Order.LastIndexOf(previous);
            while (at >= 0 && at + 1 < Order.Count && !Items.Contains(Order[at + 1]))
            {
                // Deleted since, and before this one came.
                at++;
            }

            Order.Insert(at < 0 ? Order.Count : at + 1, itemId);
        }
    }
}
