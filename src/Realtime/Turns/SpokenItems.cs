namespace Bridge.Realtime.Turns;

/// <summary>The messages that are being generated or played, in the order they are spoken. Part of <see cref="Playback"/>.</summary>
internal sealed class SpokenItems
{
    private readonly List<SpokenItem> _items = [];

    public bool IsEmpty => _items.Count == 0;

    public SpokenItem? First => _items.Count > 0 ? _items[0] : null;

    /// <summary>A track plays or is about to.</summary>
    public bool IsAudible
    {
        get
        {
            foreach (var item in _items)
            {
                if (item is { Track: not null, Cleared: false })
                {
                    return true;
                }
            }

            return false;
        }
    }

    public SpokenItem? Find(string itemId)
    {
        foreach (var item in _items)
        {
            if (item.ItemId == itemId)
            {
                return item;
            }
        }

        return null;
    }

    public SpokenItem? FindTrack(string? track)
    {
        foreach (var item in _items)
        {
            if (item.Track is not null && item.Track == track)
            {
                return item;
            }
        }

        return null;
    }

    public void Add(SpokenItem item) => _items.Add(item);

    /// <summary>Puts an item before all others.</summary>
    public void PutFirst(SpokenItem item) => _items.Insert(0, item);

    public void Remove(SpokenItem item) => _items.Remove(item);

    /// <summary>Removes the item of this id, if there is one.</summary>
    public void Remove(string itemId) => _items.RemoveAll(item => item.ItemId == itemId);

    /// <summary>A copy, for a loop that removes.</summary>
    public SpokenItem[] ToArray() => [.. _items];

    public List<SpokenItem>.Enumerator GetEnumerator() => _items.GetEnumerator();
}
