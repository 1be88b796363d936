using Bridge.Rtc;

namespace Bridge.Tests.Strangers;

/// <summary>When the packets of an agent's voice arrived.</summary>
internal sealed class Ear
{
    private readonly Lock _gate = new();
    private readonly List<Instant> _arrivals = [];

    /// <summary>Packets so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _arrivals.Count;
            }
        }
    }

    /// <summary>A packet came.</summary>
    public void Hear(uint timestamp, Instant arrival)
    {
        lock (_gate)
        {
            _arrivals.Add(arrival);
        }
    }

    /// <summary>Waits for so many packets more.</summary>
    public async Task MoreAsync(int packets, CancellationToken cancellation)
    {
        var until = Count + packets;
        while (Count < until)
        {
            await Task.Delay(5, cancellation);
        }
    }

    /// <summary>Milliseconds between two packets, from one of them on, the shortest first.</summary>
    public List<double> Gaps(int from)
    {
        lock (_gate)
        {
            return [.. _arrivals.Skip(from).Zip(_arrivals.Skip(from + 1), (a, b) => (b - a).TotalMilliseconds).Order()];
        }
    }

    /// <summary>The value that so many of a hundred do not exceed.</summary>
    public static double Percentile(List<double> sorted, double percent) =>
        sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * percent / 100))];
}
