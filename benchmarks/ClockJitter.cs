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
        int count = 0;
        for (int i = 0; i < calls; i++)
        {
            _ = clock.Add(due =>
            {
                if (count < late.Length)
                {
                    late[count++] = (clock.Now - due).TotalMilliseconds;
                }
            });
        }

        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        PacketClockStats stats = clock.Stats;
        clock.Dispose();
        double[] sorted = [.. late.Take(count).Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{calls} calls, {count} ticks: late by p50 {sorted[count / 2]:F3} ms, p99 {sorted[count * 99 / 100]:F3} ms, p99.9 {sorted[count * 999 / 1000]:F3} ms, worst {sorted[^1]:F3} ms; skipped {stats.Skipped}"));
        return 0;
    }
}
