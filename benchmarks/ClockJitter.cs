using System.Globalization;
using Bridge.Audio.Playout;

namespace Bridge.Benchmarks;

/// <summary><c>-- clock [CALLS] [SECONDS]</c>: how late the packet clock calls, with so many calls on it.</summary>
internal static class ClockJitter
{
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(3);

    internal static int Run(string[] args, TextWriter output)
    {
        int calls = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        int seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        using var clock = new PacketClock(TimeProvider.System, TimeProvider.System.GetTimestamp());
        double[] late = new double[(calls * seconds * 50) + 1000];
        double[] intervals = new double[late.Length];
        int count = 0;
        int between = 0;
        int stalls = 0;
        TimeSpan longest = TimeSpan.Zero;
        TimeSpan longestAt = TimeSpan.Zero;
        var interruptions = new Interruptions("packet clock");
        var before = Processors.Read();
        for (int i = 0; i < calls; i++)
        {
            TimeSpan last = TimeSpan.MinValue;
            _ = clock.Add(due =>
            {
                TimeSpan now = clock.Now;
                if (now - due > longest)
                {
                    (longest, longestAt) = (now - due, now);
                }

                stalls += now - due > Stall ? 1 : 0;
                if (count < late.Length)
                {
                    late[count++] = (now - due).TotalMilliseconds;
                    if (last != TimeSpan.MinValue)
                    {
                        intervals[between++] = (now - last).TotalMilliseconds;
                    }
                }

                last = now;
                return true;
            });
        }

        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        PacketClockStats stats = clock.Stats;
        string why = interruptions.ToString();
        clock.Dispose();
        string thread = stats.IsRealTime ? "real-time" : "ordinary";
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{calls} calls, {count} ticks, {thread} thread, processors {Processors.Idle(before)}; skipped {stats.Skipped}"));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {why}; {stalls} ticks late by more than {Stall.TotalMilliseconds:F0} ms, the worst {longestAt.TotalSeconds:F1} s after "
                    + $"the start"));
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
            $"  {what}: p50 {values[values.Length / 2]:F3}, p99 {values[(int)(values.Length * 0.99)]:F3}, p99.9 "
                + $"{values[(int)(values.Length * 0.999)]:F3}, max {values[^1]:F3} ms"));
    }
}
