namespace Bridge.Benchmarks.Load;

/// <summary>The notes of one caller: times are timestamps of the stopwatch, delays milliseconds.</summary>
internal sealed class LoadNotes
{
    /// <summary>Packets that came.</summary>
    internal int Packets { get; set; }

    /// <summary>Packets that came more than 20 ms after their place.</summary>
    internal int Late { get; set; }

    /// <summary>Of each packet that was returned untouched.</summary>
    internal List<double> RoundTrips { get; } = [];

    /// <summary>By how much the time between two packets differs from that of their timestamps.</summary>
    internal List<double> Gaps { get; } = [];

    /// <summary>When its tones left.</summary>
    internal List<long> Tones { get; } = [];

    /// <summary>When its tones came back.</summary>
    internal List<long> Returned { get; } = [];

    /// <summary>When the first packet after a silence came.</summary>
    internal List<long> Firsts { get; } = [];
}
