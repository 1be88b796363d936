namespace Bridge.Rtc;

/// <summary>
/// The drops since the last drain, summed by reason: a flood costs as many calls of the sink as it has reasons.
/// The counters are raised along with it, so that the two never disagree.
/// </summary>
internal sealed class Drops(IDropCounters counters)
{
    // More reasons than one datagram can have; those beyond are counted and not reported.
    private const int MaxReasons = 8;

    private (DropReason Reason, int Count, long Bytes)[]? _sums;
    private int _sumCount;

    /// <summary>Counts one drop.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="bytes">How much of the datagram, the message or the output is lost.</param>
    public void Add(DropReason reason, int bytes)
    {
        counters.Count(reason);
        _sums ??= new (DropReason, int, long)[MaxReasons];
        for (int i = 0; i < _sumCount; i++)
        {
            ref (DropReason Reason, int Count, long Bytes) sum = ref _sums[i];
            if (sum.Reason == reason)
            {
                sum.Count++;
                sum.Bytes += bytes;
                return;
            }
        }

        if (_sumCount < MaxReasons)
        {
            _sums[_sumCount++] = (reason, 1, bytes);
        }
    }

    /// <summary>The next sum to tell; false when there is none.</summary>
    public bool TryDequeue(out DropReason reason, out int count, out long bytes)
    {
        if (_sumCount == 0)
        {
            (reason, count, bytes) = (default, 0, 0);
            return false;
        }

        (reason, count, bytes) = _sums![--_sumCount];
        return true;
    }
}
