using System.Globalization;

namespace Bridge.Benchmarks;

/// <summary>What may have kept a thread from its deadline, counted since an instant: to tell our own pauses from the machine's.</summary>
internal sealed class Interruptions
{
    private readonly string _thread;
    private readonly int _collections = Collections;
    private readonly TimeSpan _paused = GC.GetTotalPauseDuration();
    private readonly double _stolen = Stolen;
    private readonly double _waited;

    /// <summary>Begins to count.</summary>
    /// <param name="thread">Name of the thread that keeps deadlines.</param>
    internal Interruptions(string thread)
    {
        _thread = thread;
        _waited = Waited(thread);
    }

    private static int Collections => GC.CollectionCount(0);

    /// <summary>Milliseconds that the host gave to others while a processor of ours had work; counted in steps of 10.</summary>
    private static double Stolen => File.Exists("/proc/stat")
        ? 10 * double.Parse(File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[8], CultureInfo.InvariantCulture)
        : 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Collections - _collections} garbage collections pausing {(GC.GetTotalPauseDuration() - _paused).TotalMilliseconds:F1} ms; {Stolen - _stolen:F0} ms stolen by the host; the thread was ready and waited for a processor {Waited(_thread) - _waited:F1} ms in all");

    /// <summary>Milliseconds that a thread of ours was ready to run and did not: the second field of its schedstat.</summary>
    private static double Waited(string thread)
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            return 0;
        }

        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(task, "comm")).Trim() == thread && File.Exists(Path.Combine(task, "schedstat")))
            {
                return double.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[1], CultureInfo.InvariantCulture) / 1e6;
            }
        }

        return 0;
    }
}
