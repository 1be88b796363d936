namespace Bridge.Rtc.Sctp;

internal enum SentState : byte
{
    /// <summary>Sent, no word of it yet.</summary>
    InFlight,

    /// <summary>Acknowledged by a gap block, not yet cumulatively.</summary>
    Acknowledged,

    /// <summary>Taken for lost, to be sent again.</summary>
    Lost,

    /// <summary>Given up by partial reliability; FORWARD TSN skips it.</summary>
    Abandoned,
}

/// <summary>A chunk between its first transmission and its cumulative acknowledgement.</summary>
internal struct SentChunk
{
    public OutboundMessage Message;
    public Instant SentAt;
    public int Offset;
    public int Length;
    public ushort Transmissions;
    public byte Missing;
    public byte Flags;
    public SentState State;
}

/// <summary>The chunks not yet acknowledged cumulatively, a ring in which the TSN is the index. Empty until the first is sent.</summary>
internal sealed class SentChunks(Tsn first)
{
    /// <summary>So many TSN at most are outstanding, however small the chunks.</summary>
    public const int Capacity = 4096;

    private SentChunk[] _ring = [];
    private int _head;

    /// <summary>The TSN after the last one acknowledged cumulatively.</summary>
    public Tsn First { get; private set; } = first;

    public int Count { get; private set; }

    public Tsn Next => First + Count;

    public bool IsFull => Count == Capacity;

    public ref SentChunk this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    public ref SentChunk Add()
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

        ref SentChunk added = ref _ring[(_head + Count) & (_ring.Length - 1)];
        Count++;
        return ref added;
    }

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
