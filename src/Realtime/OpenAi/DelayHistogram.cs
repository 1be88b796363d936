namespace Bridge.Realtime.OpenAi;

/// <summary>Delays in buckets a quarter of an octave wide: one writer, any reader, no allocation.</summary>
internal sealed class DelayHistogram
{
    private const int PerOctave = 4;
    private readonly long[] _buckets = new long[PerOctave * 40];

    public void Add(long microseconds)
    {
        var bucket = (int)(Math.Log2(Math.Max(0, microseconds) + 1) * PerOctave);
        Interlocked.Increment(ref _buckets[Math.Min(bucket, _buckets.Length - 1)]);
    }

    /// <summary>Upper edge of the bucket that holds the given share of all delays; 0 when there are none.</summary>
    public long Percentile(double share)
    {
        long total = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            total += Interlocked.Read(ref _buckets[i]);
        }

        var left = (long)Math.Ceiling(total * share);
        for (var i = 0; i < _buckets.Length && left > 0; i++)
        {
            left -= Interlocked.Read(ref _buckets[i]);
            if (left <= 0)
            {
                return (long)Math.Pow(2, (i + 1) / (double)PerOctave) - 1;
            }
        }

        return 0;
    }
}
