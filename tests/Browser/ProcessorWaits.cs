using System.Globalization;

namespace Bridge.Browser.Tests;

/// <summary>
/// The time for which threads of this process were ready to run and got no processor, by the kernel's own count (the second figure of
/// <c>/proc/self/task/N/schedstat</c>, nanoseconds). On a system without it the answer is zero.
/// </summary>
internal sealed class ProcessorWaits : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly ManualResetEventSlim _stop = new();
    private readonly Dictionary<string, long> _last = [];
    private readonly Thread _thread;
    private long _worst; // nanoseconds

    public ProcessorWaits()
    {
        Look();
        _thread = new Thread(Run) { IsBackground = true, Name = "processor waits" };
        _thread.Start();
    }

    /// <summary>The longest that one thread waited within 100 ms.</summary>
    public TimeSpan Worst => TimeSpan.FromMicroseconds(Interlocked.Read(ref _worst) / 1000);

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(Step))
        {
            Look();
        }
    }

    private void Look()
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            return;
        }

        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (Read(task) is not { } waited)
            {
                continue;
            }

            if (_last.TryGetValue(task, out var before) && waited - before > Interlocked.Read(ref _worst))
            {
                Interlocked.Exchange(ref _worst, waited - before);
            }

            _last[task] = waited;
        }
    }

    /// <summary>Nanoseconds; null for a thread that has just ended, or a kernel that does not count.</summary>
    private static long? Read(string task)
    {
        try
        {
            var figures = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
            return figures.Length > 1 && long.TryParse(figures[1], CultureInfo.InvariantCulture, out var waited) ? waited : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
