namespace Bridge.Rtc.Sctp;

/// <summary>
/// The chunks not yet acknowledged cumulatively, a ring in which the TSN is the index, and the sums over their states. Empty until the
/// first is sent.
/// </summary>
internal sealed class SentChunks(Tsn first)
{
    /// <summary>So many TSN at most are outstanding, however small the chunks.</summary>
    public const int Capacity = 4096;

    private SentChunk[] _ring = [];
    private int _head;
    private Tsn _firstLost;

    /// <summary>The TSN after the last one acknowledged cumulatively.</summary>
    public Tsn First { get; private set; } = first;

    public int Count { get; private set; }

    /// <summary>Bytes of user data in flight (RFC 9260 §7.2.1, flightsize).</summary>
    public long FlightSize { get; private set; }

    /// <summary>Chunks taken for lost that wait to be sent again.</summary>
    public int LostCount { get; private set; }

    public Tsn Next => First + Count;

    public bool IsFull => Count == Capacity;

    /// <summary>No chunk before this index is lost.</summary>
    public int FirstLostIndex
    {
        get => Math.Max(0, _firstLost - First);
        set => _firstLost = First + value;
    }

    /// <summary>A chunk to be read; <see cref="SetState"/> changes its state.</summary>
    public ref SentChunk this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    public void Add(in SentChunk chunk)
    {
        if (Count == _ring.Length)
        {
            SentChunk[] larger = new SentChunk[Math.Max(16, _ring.Length * 2)];
            for (int i = 0; i < Count; i++)
            {
                larger[i] = this[i];
            }

            _ring = larger;
            _head = 0;
        }

        _ring[(_head + Count) & (_ring.Length - 1)] = chunk;
        Count++;
        FlightSize += chunk.State == SentState.InFlight ? chunk.Length : 0;
    }

    public void SetState(int index, SentState state)
    {
        ref SentChunk chunk = ref this[index];
        FlightSize -= chunk.State == SentState.InFlight ? chunk.Length : 0;
        LostCount -= chunk.State == SentState.Lost ? 1 : 0;
        chunk.State = state;
        FlightSize += state == SentState.InFlight ? chunk.Length : 0;
        if (state == SentState.Lost)
        {
            Tsn tsn = First + index;
            _firstLost = LostCount == 0 || tsn < _firstLost ? tsn : _firstLost;
            LostCount++;
        }
    }

    /// <summary>Removes the first chunk, which is neither in flight nor lost any more.</summary>
    public void RemoveFirst()
    {
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        First += 1;
        Count--;
        if (Count == 0 && _ring.Length > 64)
        {
            // An idle association keeps no ring that a burst once needed.
            _ring = [];
            _head = 0;
        }
    }
}
