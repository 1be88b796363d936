namespace Bridge.Benchmarks.Load;

/// <summary>When packets came, beside when their timestamps say: of one run of packets after another.</summary>
internal struct Arrivals
{
    private const double Silence = 100; // ms without a packet: what follows is a run of its own
    private const double Late = 20; // ms after its place

    private long _last;
    private uint _timestamp;
    private double _behind; // ms behind the earliest packet of the run

    /// <summary>Notes a packet; true when it is the first of a run.</summary>
    internal bool Add(long now, uint timestamp, bool marker, LoadNotes notes)
    {
        double passed = LoadCaller.Milliseconds(now - _last);
        double off = passed - ((int)(timestamp - _timestamp) / 48.0);
        bool first = _last == 0 || marker || passed > Silence;
        (_last, _timestamp) = (now, timestamp);
        if (first)
        {
            _behind = 0;
            return true;
        }

        notes.Gaps.Add(Math.Abs(off));
        _behind = Math.Max(0, _behind + off);
        notes.Late += _behind > Late ? 1 : 0;
        return false;
    }
}
