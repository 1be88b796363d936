namespace Bridge.Rehearsal.Live;

/// <summary>The newest messages, calls and outputs that a model looks at, oldest first.</summary>
internal sealed class LiveItems
{
    private const int MaxItems = 256;
    private readonly List<RehearsalItem> _items = [];

    public IReadOnlyList<RehearsalItem> All => _items;

    public void Add(RehearsalItem item)
    {
        if (_items.Count == MaxItems)
        {
            _items.RemoveAt(0);
        }

        _items.Add(item);
    }

    /// <summary>Adds a message of text.</summary>
    public void AddText(string id, string role, string text)
    {
        var item = new RehearsalItem { Id = id, Type = "message", Role = role };
        item.Content.Add(new RehearsalContent { Type = role == "assistant" ? "output_text" : "input_text", Text = text });
        Add(item);
    }

    public int Characters => _items.Sum(i => i.Words.Length + i.Value.Length);
}
