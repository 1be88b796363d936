namespace Bridge.Rehearsal;

/// <summary>The items of the session's default conversation, in order.</summary>
internal sealed class RehearsalConversation
{
    private readonly List<RehearsalItem> _items = [];
    private readonly Dictionary<string, RehearsalItem> _byId = [];

    public IReadOnlyList<RehearsalItem> Items => _items;

    public string? LastId => _items.Count == 0 ? null : _items[^1].Id;

    public RehearsalItem? Find(string id) => _byId.GetValueOrDefault(id);

    public bool HasCall(string callId) => _items.Exists(i => i.Type == "function_call" && i.CallId == callId);

    /// <summary>Adds at the end.</summary>
    public void Add(RehearsalItem item)
    {
        _items.Add(item);
        _byId.Add(item.Id, item);
    }

    /// <summary>Inserts after <paramref name="previous"/>, or at the start when it is null.</summary>
    public void Insert(RehearsalItem item, RehearsalItem? previous)
    {
        _items.Insert(previous is null ? 0 : _items.IndexOf(previous) + 1, item);
        _byId.Add(item.Id, item);
    }

    public string? PreviousOf(RehearsalItem item)
    {
        var index = _items.IndexOf(item);
        return index > 0 ? _items[index - 1].Id : null;
    }

    public void Remove(RehearsalItem item)
    {
        _items.Remove(item);
        _byId.Remove(item.Id);
    }
}
