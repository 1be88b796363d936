namespace Bridge.Rtc.Ice;

/// <summary>
/// The routes whose far end proved to know the password, and how much may be sent on each. A check proves the password and not the
/// address: its source may be forged. So until something came back that only a receiver at the address can know, at most three
/// times the bytes received from there go there (the idea of RFC 9000 §8.1).
/// </summary>
/// <param name="limited">False for a client, whose own checks are answered from where it sends.</param>
internal sealed class RouteTable(bool limited)
{
    // A remote side that changes networks leaves unused routes; the oldest is forgotten.
    private const int MaxRoutes = 16;

    private const int AmplificationFactor = 3;

    private readonly List<Entry> _entries = new(2);

    public bool Contains(Route route) => Find(route) is not null;

    /// <summary>When a fresh check came from a route; the distant past for never.</summary>
    public Instant CheckedAt(Route route) => Find(route)?.CheckedAt ?? new Instant(long.MinValue);

    /// <summary>Notes a check.</summary>
    /// <param name="route">Where it came from.</param>
    /// <param name="checkedAt">The time, or the distant past for a check that is not fresh.</param>
    /// <param name="bytes">Its length; a known route is credited by <see cref="Credit"/>.</param>
    /// <param name="keep">A route that is not forgotten to make room.</param>
    public void Add(Route route, Instant checkedAt, int bytes, Route? keep)
    {
        if (Find(route) is { } known)
        {
            known.CheckedAt = checkedAt > known.CheckedAt ? checkedAt : known.CheckedAt;
            return;
        }

        if (_entries.Count == MaxRoutes)
        {
            _entries.RemoveAt(_entries[0].Route == keep ? 1 : 0);
        }

        // A TCP connection stands only with an address that answers.
        bool validated = route.Remote.Protocol == TransportProtocol.Tcp;
        _entries.Add(new Entry(route) { CheckedAt = checkedAt, Received = bytes, Validated = validated });
    }

    /// <summary>Something came in on a route.</summary>
    public void Credit(Route route, int bytes)
    {
        if (limited && Find(route) is { } entry)
        {
            entry.Received += bytes;
        }
    }

    /// <summary>Whether a datagram may leave on a route; counts it when it may.</summary>
    public bool TrySpend(Route route, int bytes)
    {
        // A route that is not in the table gets nothing but error responses, which are shorter than their requests.
        if (!limited || Find(route) is not { Validated: false } entry)
        {
            return true;
        }

        if (entry.Sent + bytes > AmplificationFactor * entry.Received)
        {
            entry.Withheld = true;
            return false;
        }

        entry.Sent += bytes;
        return true;
    }

    /// <summary>Whether the far end of a route has shown that it receives.</summary>
    public bool IsValidated(Route route) => !limited || Find(route) is { Validated: true };

    /// <summary>
    /// Something came back that only a receiver at the far end can know. True when datagrams had been withheld until now.
    /// </summary>
    public bool Validate(Route route)
    {
        if (Find(route) is not { Validated: false } entry)
        {
            return false;
        }

        entry.Validated = true;
        return entry.Withheld;
    }

    public void Clear() => _entries.Clear();

    private Entry? Find(Route route)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Route == route)
            {
                return entry;
            }
        }

        return null;
    }

    private sealed class Entry(Route route)
    {
        public Route Route { get; } = route;

        public Instant CheckedAt { get; set; }

        public long Received { get; set; }

        public long Sent { get; set; }

        public bool Validated { get; set; }

        public bool Withheld { get; set; }
    }
}
