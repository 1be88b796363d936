using System.Globalization;

namespace Bridge.Benchmarks.Load;

/// <summary>Processor time of a process so far, thread by thread, as Linux counts it (proc(5)).</summary>
/// <param name="Nanoseconds">Processor time of each thread that lives, by its number and its name of at most 15 characters.</param>
/// <param name="Switches">Changes of threads, wanted and not.</param>
/// <param name="UserMilliseconds">Time in the process's own code, in steps of 10.</param>
/// <param name="KernelMilliseconds">Time in the kernel, in steps of 10.</param>
internal sealed record ThreadTimes(
    IReadOnlyDictionary<(string Task, string Name), long> Nanoseconds, long Switches, double UserMilliseconds, double KernelMilliseconds)
{
    /// <summary>Begin of the name of the thread that compiles methods once more when they are called often.</summary>
    internal const string Compiler = ".NET Tiered";

    private const double MillisecondsPerTick = 10; // sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on

    /// <summary>Reads them; empty elsewhere than on Linux.</summary>
    internal static ThreadTimes Read(int process)
    {
        Dictionary<(string Task, string Name), long> times = [];
        long switches = 0;
        string tasks = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task");
        foreach (string task in Directory.Exists(tasks) ? Directory.GetDirectories(tasks) : [])
        {
            try
            {
                string name = File.ReadAllText(task + "/comm").Trim();
                times[(task, name)] = Number(File.ReadAllText(task + "/schedstat").Split(' ')[0]);
                switches += File.ReadLines(task + "/status").Where(line => line.Contains("ctxt_switches", StringComparison.Ordinal))
                    .Sum(line => Number(line.Split(':')[1]));
            }
            catch (IOException)
            {
                // The thread ended between the listing and the reading.
            }
        }

        if (times.Count == 0)
        {
            return new ThreadTimes(times, 0, 0, 0);
        }

        // The fields after the name, which may hold spaces: 14 and 15 are the 12th and 13th from there.
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ThreadTimes(times, switches, MillisecondsPerTick * Number(fields[11]), MillisecondsPerTick * Number(fields[12]));
    }

    /// <summary>Time used between an earlier reading and this one.</summary>
    internal ThreadTimes Since(ThreadTimes earlier) => new(
        Nanoseconds.ToDictionary(pair => pair.Key, pair => Math.Max(0, pair.Value - earlier.Nanoseconds.GetValueOrDefault(pair.Key))),
        Switches - earlier.Switches,
        UserMilliseconds - earlier.UserMilliseconds,
        KernelMilliseconds - earlier.KernelMilliseconds);

    /// <summary>Milliseconds of the threads whose name begins so.</summary>
    internal double Of(string name) =>
        Nanoseconds.Where(pair => pair.Key.Name.StartsWith(name, StringComparison.Ordinal)).Sum(pair => pair.Value) / 1e6;

    /// <summary>Milliseconds of all threads that live.</summary>
    internal double All => Nanoseconds.Values.Sum() / 1e6;

    private static long Number(string text) => long.Parse(text.AsSpan().Trim(), CultureInfo.InvariantCulture);
}
