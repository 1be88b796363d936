using System.Globalization;

namespace Bridge.Benchmarks;

/// <summary>
/// Events that may have kept a thread from its deadline, counted since an instant: to tell our own pauses from the machine's.
/// </summary>
internal sealed class Interruptions
{
    private readonly string _thread;
    private readonly int _collections = GC.CollectionCount(0);
    private readonly TimeSpan _paused = GC.GetTotalPauseDuration();
    private readonly double _stolen = Processors.Stolen;
    private readonly double _waited;

    /// <summary>Begins to count.</summary>
    /// <param name="thread">Name of the thread that keeps deadlines.</param>
    internal Interruptions(string thread)
    {
        _thread = thread;
        _waited = Waited(thread);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{GC.CollectionCount(0) - _collections} garbage collections pausing {(GC.GetTotalPauseDuration() - _paused).TotalMilliseconds:F1} "
            + $"ms; {Processors.Stolen - _stolen:F0} ms stolen by the host; the thread was ready and waited for a processor "
            + $"{Waited(_thread) - _waited:F1} ms in all");

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
