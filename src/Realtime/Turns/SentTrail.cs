namespace Bridge.Realtime.Turns;

/// <summary>
/// The part of a track that had been handed to the network at each time of the last seconds, by the packet clock's reports. The packets
/// keep no even pace: where the audio came late they waited for it.
/// </summary>
internal sealed class SentTrail
{
    // Reports come every 100 ms, and an absence is noticed within 10 s.
    private const int MaxReports = 110;
    private (TimeSpan At, int Milliseconds)[]? _reports;
    private int _next;
    private int _count;

    /// <summary>The last report: milliseconds of the track; null: there is none.</summary>
    public (TimeSpan At, int Milliseconds)? Last => _count == 0 ? null : Report(_count - 1);

    /// <summary>The packet clock reports.</summary>
    public void Add(TimeSpan at, int milliseconds)
    {
        _reports ??= new (TimeSpan, int)[MaxReports];
        _reports[_next] = (at, milliseconds);
        _next = (_next + 1) % MaxReports;
        _count = Math.Min(_count + 1, MaxReports);
    }

    /// <summary>Milliseconds that had been sent at this time; null: nothing was reported.</summary>
    public int? SentAt(TimeSpan time)
    {
        if (_count == 0)
        {
            return null;
        }

        for (var i = _count - 1; i >= 0; i--)
        {
            var (at, milliseconds) = Report(i);
            if (at <= time)
            {
                // Packets go at the pace of the clock, and no further than the next report says.
                var sent = milliseconds + (int)(time - at).TotalMilliseconds;
                return i == _count - 1 ? sent : Math.Min(sent, Report(i + 1).Milliseconds);
            }
        }

        var first = Report(0);
        return first.Milliseconds - (int)(first.At - time).TotalMilliseconds;
    }

    /// <summary>The track is another.</summary>
    public void Clear() => _count = _next = 0;

    private (TimeSpan At, int Milliseconds) Report(int index) =>
        _reports![(_next - _count + index + MaxReports) % MaxReports];
}
