using System.Globalization;
using Bridge.Audio;

namespace Bridge.Benchmarks;

/// <summary><c>-- clock [CALLS] [SECONDS]</c>: how late the packet clock calls, with so many calls on it.</summary>
internal static class ClockJitter
{
    internal static int Run(string[] args, TextWriter output)
    {
        int calls = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        int seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        using var clock = new PacketClock();
        double[] late = new double[(calls * seconds * 50) + 1000];
        double[] intervals = new double[late.Length];
        int count = 0;
        int between = 0;
        (double idle, double all) = ProcessorTime();
        for (int i = 0; i < calls; i++)
        {
            TimeSpan before = TimeSpan.MinValue;
            _ = clock.Add(due =>
            {
                TimeSpan now = clock.Now;
                if (count < late.Length)
                {
                    late[count++] = (now - due).TotalMilliseconds;
                    if (before != TimeSpan.MinValue)
                    {
                        intervals[between++] = (now - before).TotalMilliseconds;
                    }
                }

                before = now;
            });
        }

        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        PacketClockStats stats = clock.Stats;
        clock.Dispose();
        (double idleNow, double allNow) = ProcessorTime();
        string machine = allNow > all ? string.Create(CultureInfo.InvariantCulture, $"{100 * (idleNow - idle) / (allNow - all):F0} % idle") : "of unknown load";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{calls} calls, {count} ticks, processors {machine}; skipped {stats.Skipped}"));
        Write(output, "late by", late.AsSpan(0, count));
        Write(output, "intervals", intervals.AsSpan(0, between));
        for (int i = 0; i < between; i++)
        {
            intervals[i] = Math.Abs(intervals[i] - PacketClock.Period.TotalMilliseconds);
        }

        Write(output, "intervals off 20 ms by", intervals.AsSpan(0, between));
        return 0;
    }

    private static void Write(TextWriter output, string what, Span<double> values)
    {
        values.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {what}: p50 {values[values.Length / 2]:F3}, p99 {values[(int)(values.Length * 0.99)]:F3}, p99.9 {values[(int)(values.Length * 0.999)]:F3}, max {values[^1]:F3} ms"));
    }

    /// <summary>Idle and all time of the processors since the machine started, as Linux counts it; zeros elsewhere.</summary>
    private static (double Idle, double All) ProcessorTime()
    {
        if (!File.Exists("/proc/stat"))
        {
            return (0, 0);
        }

        double[] times = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(x => double.Parse(x, CultureInfo.InvariantCulture))];
        return (times[3] + times[4], times.Sum());
    }
}
