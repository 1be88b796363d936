using System.Globalization;

namespace Bridge.Benchmarks.Load;

/// <summary>One row: so many calls at once, and what they cost the host and met on their way.</summary>
internal sealed record LoadRow
{
    internal required string Path { get; init; }

    internal required int Calls { get; init; }

    internal required double Seconds { get; init; }

    /// <summary>Packets to the host and from it.</summary>
    internal required (double Up, double Down) Packets { get; init; }

    internal required UnitCosts Units { get; init; }

    internal required ThreadTimes Host { get; init; }

    /// <summary>Time that the collector held the host up, ms.</summary>
    internal double Pause { get; init; }

    internal double AllocatedBytes { get; init; }

    internal double ResidentBytesPerCall { get; init; }

    internal double CallsPerSecond { get; init; }

    internal int Late { get; init; }

    internal IReadOnlyList<double> Gaps { get; init; } = [];

    /// <summary>Delays by name, ms, sorted.</summary>
    internal IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Delays { get; init; } = [];

    /// <summary>Processor time of the host for one call, per cent of a core; all threads that lived throughout.</summary>
    internal double Cpu => Host.All / Seconds / 10 / Calls;

    /// <summary>Calls that would fill one core of the host.</summary>
    internal double CallsPerCore => 100 / Cpu;

    /// <summary>
    /// Whether the row is beyond the limit: a packet after its place, or delays that the load itself makes above 20 ms at p99. The delay
    /// of the echo holds a frame and the playout queue; only its packets' places count.
    /// </summary>
    internal bool IsBeyond => Late > 0 || (Path != "call" && Delays.Any(delay => At(delay.Values, 0.99) > 20));

    /// <param name="output">Takes the lines.</param>
    /// <param name="floor">Per cent of a core that one call costs a <see cref="BareEcho"/> of as many; 0 when none ran.</param>
    internal void Write(TextWriter output, double floor)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        double Share(double microseconds) => microseconds / Seconds / 10_000 / Calls;
        bool transcodes = Path is not ("rtp" or "pion");
        bool models = Path is "full" or "concentus";
        double codec = transcodes ? Share((Packets.Up * Units.Decode) + (Packets.Down * Units.Encode)) : 0;
        double srtp = Share((Packets.Up + Packets.Down) * Units.Srtp);
        double json = models ? Share((Packets.Up * Units.Append) + (Packets.Down * Units.Delta)) : 0;
        double collector = Pause / Seconds / 10 / Calls;
        double kernel = Host.KernelMilliseconds / Seconds / 10 / Calls;
        string ratio = transcodes
            ? $", {Cpu / Units.BareCodec:F2} times the bare codec ({Units.BareCodec:F2} %)"
            : "";
        if (transcodes && floor > 0 && Path != "floor")
        {
            ratio += $", {Cpu / floor:F2} times the floor ({floor:F2} %)";
        }

        Line($"{Path}, {Calls} calls: host {Cpu:F2} % of a core a call, {CallsPerCore:F0} calls per core{ratio}; "
            + $"{Host.Switches / Math.Max(1, Packets.Up + Packets.Down):F1} switches a packet");
        Line($"  computed from units: codec {codec:F3}, SRTP {srtp:F3}, JSON {json:F3}; measured: collector {collector:F3}, "
            + $"kernel (sockets, waking) {kernel:F3}; rest {Cpu - codec - srtp - json - collector - kernel:F3} %");
        if (Path == "floor")
        {
            return;
        }

        if (Path != "pion")
        {
            Line($"  threads: udp {Thread("udp "):F3}, packet clock {Thread("packet clock"):F3}, pool {Thread(".NET TP"):F3}, "
                + $"web sockets {Thread(".NET Sockets"):F3}, compiler {Thread(ThreadTimes.Compiler):F3}, "
                + $"timers {Thread("peer timers"):F3} %");
        }

        Line($"  packets: {Packets.Up:F0} up, {Packets.Down:F0} down, {Late} late; gaps off by p50 {At(Gaps, 0.5):F2}, "
            + $"p99 {At(Gaps, 0.99):F2}, max {At(Gaps, 1):F2} ms");
        foreach ((string name, IReadOnlyList<double> values) in Delays)
        {
            Line($"  {name}: p50 {At(values, 0.5):F2}, p99 {At(values, 0.99):F2}, max {At(values, 1):F2} ms ({values.Count})");
        }

        Line($"  memory {ResidentBytesPerCall / 1000:F0} kB a call; {AllocatedBytes / Seconds / 1000 / Calls:F1} kB of garbage a second "
            + $"and call; {CallsPerSecond:F1} calls set up a second");

        void Line(string text) => output.WriteLine(text);

        double Thread(string name) => Host.Of(name) / Seconds / 10 / Calls;
    }

    internal static double At(IReadOnlyList<double> sorted, double part) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}
