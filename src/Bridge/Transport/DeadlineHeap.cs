using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>
/// Peers by their deadlines, the earliest first. A binary heap in which each entry knows its place, so that a deadline moves
/// in logarithmic time and without an allocation.
/// </summary>
internal sealed class DeadlineHeap
{
    private PeerTimers.Entry[] _entries = new PeerTimers.Entry[64];

    /// <summary>Entries that wait.</summary>
    public int Count { get; private set; }

    /// <summary>The entry with the earliest deadline; null when none waits.</summary>
    public PeerTimers.Entry? First => Count > 0 ? _entries[0] : null;

    /// <summary>Adds an entry, or moves it.</summary>
    public void Set(PeerTimers.Entry entry, Instant due)
    {
        if (entry.Place < 0)
        {
            if (Count == _entries.Length)
            {
                Array.Resize(ref _entries, Count * 2);
            }

            entry.Place = Count++;
            entry.Due = due;
            Rise(entry);
            return;
        }

        var earlier = due < entry.Due;
        entry.Due = due;
        if (earlier)
        {
            Rise(entry);
        }
        else
        {
            Sink(entry);
        }
    }

    /// <summary>Takes the first entry out.</summary>
    public void RemoveFirst()
    {
        var first = _entries[0];
        var last = _entries[--Count];
        _entries[Count] = null!;
        first.Place = -1;
        if (Count > 0)
        {
            last.Place = 0;
            Sink(last);
        }
    }

    private void Rise(PeerTimers.Entry entry)
    {
        var place = entry.Place;
        for (int above; place > 0 && entry.Due < _entries[above = (place - 1) / 2].Due; place = above)
        {
            Put(_entries[above], place);
        }

        Put(entry, place);
    }

    private void Sink(PeerTimers.Entry entry)
    {
        var place = entry.Place;
        for (int below; (below = (2 * place) + 1) < Count; place = below)
        {
            if (below + 1 < Count && _entries[below + 1].Due < _entries[below].Due)
            {
                below++;
            }

            if (_entries[below].Due >= entry.Due)
            {
                break;
            }

            Put(_entries[below], place);
        }

        Put(entry, place);
    }

    private void Put(PeerTimers.Entry entry, int place)
    {
        _entries[place] = entry;
        entry.Place = place;
    }
}
