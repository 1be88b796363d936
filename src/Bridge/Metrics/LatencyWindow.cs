namespace Bridge.Metrics;

/// <summary>The last few hundred delays of one hop of one call, for the inspector: median and 99th percentile.</summary>
internal sealed class LatencyWindow
{
    private const int Size = 256;

    private readonly Lock _gate = new();
    private readonly float[] _values = new float[Size];
    private long _count;

    /// <summary>Adds a delay in ms.</summary>
    public void Add(double milliseconds)
    {
        lock (_gate)
        {
            _values[_count++ % Size] = (float)milliseconds;
        }
    }

    /// <summary>Latest, median and 99th percentile, ms; null before the first value.</summary>
    public (double Latest, double Median, double P99)? Summary()
    {
        float[] sorted;
        float latest;
        lock (_gate)
        {
            if (_count == 0)
            {
                return null;
            }

            latest = _values[(_count - 1) % Size];
            sorted = _values[..(int)Math.Min(_count, Size)];
        }

        Array.Sort(sorted);
        return (latest, sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * 0.99))]);
    }
}
