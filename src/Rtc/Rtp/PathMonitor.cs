namespace Bridge.Rtc.Rtp;

/// <summary>
/// Remembers when packets left and puts that together with what the remote side reports of their arrival: how long they waited in a queue,
/// how many were lost, how fast they came.
/// </summary>
internal sealed class PathMonitor
{
    private const int Capacity = 256; // five seconds of packets
    private const int ReferenceBits = 24;

    // Packets further apart are no stretch.
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReferenceStep = TimeSpan.FromMilliseconds(64);
    private static readonly TimeSpan DeltaStep = TimeSpan.FromMicroseconds(250);

    private readonly Entry[] _sent = new Entry[Capacity];
    private readonly QueueBase _queueBase = new();
    private long _reference;
    private bool _hasReference;
    private Entry _last; // of the packets reported, the one that left last
    private TimeSpan _lastArrival;
    private bool _hasLast;
    private Instant _reportedAt;
    private uint _reportedHighest;
    private int _reportedLost;
    private bool _hasReport;

    /// <summary>Transport-wide feedback has come: receiver reports, which tell less, are not looked at any more.</summary>
    public bool HasFeedback { get; private set; }

    /// <summary>A packet left.</summary>
    /// <param name="now">The time.</param>
    /// <param name="sequence">Its transport-wide number.</param>
    /// <param name="bytes">Its own and those of all that left since the packet before: they are on the link ahead of it.</param>
    public void Sent(Instant now, SequenceNumber sequence, int bytes) =>
        _sent[sequence.Value % Capacity] = new Entry { At = now, Bytes = bytes, Sequence = sequence, IsOpen = true };

    /// <summary>A packet left once more: when it arrives, it says nothing about a queue. It counts as lost.</summary>
    public void SentAgain(SequenceNumber sequence)
    {
        ref Entry entry = ref _sent[sequence.Value % Capacity];
        entry.IsAgain |= entry.Sequence == sequence;
    }

    /// <summary>Takes the FCI of a feedback message. False when it is malformed or reports nothing new.</summary>
    public bool TryRead(Instant now, ReadOnlySpan<byte> fci, out PathReport report)
    {
        report = default;
        if (!FeedbackReader.TryStart(fci, out FeedbackReader reader))
        {
            return false;
        }

        if (!HasFeedback)
        {
            HasFeedback = true;
            _queueBase.Reset();
        }

        TimeSpan reference = Unwrap(reader.Reference) * ReferenceStep;
        Instant first = default;
        TimeSpan arrivals = default;
        TimeSpan least = TimeSpan.MaxValue;
        TimeSpan queue = default;
        int received = 0;
        int lost = 0;
        int overtaken = 0;
        long bytes = 0;
        while (reader.MoveNext())
        {
            ref Entry entry = ref _sent[reader.Sequence.Value % Capacity];
            if (!entry.IsOpen || entry.Sequence != reader.Sequence)
            {
                // Overtaken at the end of the report before: told of as lost, and there after all.
                int late = entry.IsToldLost && entry.Sequence == reader.Sequence && reader.Arrived ? 1 : 0;
                lost -= late;
                overtaken += late;
                entry.IsToldLost &= entry.Sequence != reader.Sequence || !reader.Arrived;
                continue;
            }

            entry.IsOpen = false;
            if (!reader.Arrived || entry.IsAgain)
            {
                lost++;
                entry.IsToldLost = !reader.Arrived;
                continue;
            }

            TimeSpan arrival = reference + (reader.Arrival * DeltaStep);
            queue = _queueBase.Add(now, arrival - new TimeSpan(entry.At.Ticks));
            least = queue < least ? queue : least;
            if (received++ == 0)
            {
                // Counted from the packet before, when that was not long ago.
                bool follows = _hasLast && entry.At - _last.At <= MaxPause && entry.At > _last.At;
                first = follows ? _last.At : entry.At;
            }

            // Without the queue it would have arrived before the packet ahead of it did: the link was busy all the time in between.
            TimeSpan gap = arrival - _lastArrival;
            if (_hasLast && entry.Sequence == _last.Sequence + 1 && gap > TimeSpan.Zero && gap <= queue)
            {
                bytes += entry.Bytes;
                arrivals += gap;
            }

            if (!_hasLast || entry.At > _last.At)
            {
                overtaken += _hasLast && gap < TimeSpan.Zero ? 1 : 0;
                (_last, _lastArrival, _hasLast) = (entry, arrival, true);
            }
        }

        report = new PathReport
        {
            At = now,
            Received = received,
            Lost = Math.Max(0, lost),
            Span = received == 0 ? TimeSpan.Zero : _last.At - first,
            LeastQueue = received == 0 ? null : least,
            LatestQueue = queue,
            Bytes = bytes,
            ArrivalSpan = arrivals,
            Overtaken = overtaken,
        };
        return received + lost > 0;
    }

    /// <summary>
    /// Takes a report block about our packets, where there is no feedback. False for the first, which says nothing about a stretch.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="highest">The extended highest sequence number received.</param>
    /// <param name="lost">The cumulative number of packets lost.</param>
    /// <param name="roundTrip">The round trip that it shows; null when it shows none.</param>
    /// <param name="shortest">The shortest one that others have measured on this path.</param>
    /// <param name="report">The stretch since the report before.</param>
    public bool TryReadReport(Instant now, uint highest, int lost, TimeSpan? roundTrip, TimeSpan? shortest, out PathReport report)
    {
        if (shortest is { } known)
        {
            _queueBase.Add(now, known);
        }

        int expected = unchecked((int)(highest - _reportedHighest));
        int missing = Math.Clamp(lost - _reportedLost, 0, Math.Max(0, expected));
        report = new PathReport
        {
            At = now,
            Received = expected - missing,
            Lost = missing,
            Span = now - _reportedAt,
            LeastQueue = roundTrip is { } trip ? _queueBase.Add(now, trip) : null,
        };
        report = report with { LatestQueue = report.LeastQueue ?? TimeSpan.Zero };
        bool follows = _hasReport && expected is > 0 and < 65_536;
        (_reportedAt, _reportedHighest, _reportedLost, _hasReport) = (now, highest, lost, true);
        return follows;
    }

    /// <summary>The path is another one: what was measured is void.</summary>
    public void Reset()
    {
        _queueBase.Reset();
        _hasLast = _hasReport = false;
    }

    private long Unwrap(int reference)
    {
        int shift = 32 - ReferenceBits;
        _reference = _hasReference ? _reference + (((reference - (int)(_reference & 0xFFFFFF)) << shift) >> shift) : reference;
        _hasReference = true;
        return _reference;
    }

    private struct Entry
    {
        public Instant At;
        public int Bytes;
        public SequenceNumber Sequence;
        public bool IsOpen; // no report has covered it
        public bool IsAgain; // it was sent a second time
        public bool IsToldLost;
    }
}
