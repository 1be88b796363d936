using System.Globalization;

namespace Bridge.Benchmarks;

/// <summary>How idle the machine's processors were, as Linux counts it: a figure of delay means little without.</summary>
internal static class Processors
{
    /// <summary>Milliseconds that the host gave to others while a processor of ours had work; counted in steps of 10.</summary>
    internal static double Stolen => 10 * Times()[7];

    /// <summary>Idle and all time since the machine started, in ticks of its own; zeros elsewhere than on Linux.</summary>
    internal static (double Idle, double All) Read()
    {
        double[] times = Times();
        return (times[3] + times[4], times.Sum());
    }

    /// <summary>The share that was idle since, in words.</summary>
    internal static string Idle((double Idle, double All) since)
    {
        (double idle, double all) = Read();
        return all > since.All
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * (idle - since.Idle) / (all - since.All):F1} % idle")
            : "of unknown load";
    }

    // user, nice, system, idle, iowait, irq, softirq, steal (proc(5)).
    private static double[] Times() => File.Exists("/proc/stat")
        ?
        [
            .. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(x => double.Parse(x, CultureInfo.InvariantCulture)),
        ]
        : new double[8];
}
