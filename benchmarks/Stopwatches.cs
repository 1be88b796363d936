using System.Diagnostics;

namespace Bridge.Benchmarks;

/// <summary>Quick medians in one run, where only the ratio of two costs is asked for.</summary>
internal static class Stopwatches
{
    /// <summary>Runs all actions in turn, again and again, so that a noisy moment hits all alike.</summary>
    /// <returns>Median microseconds per operation and the spread from the 25th to the 75th percentile, per action.</returns>
    internal static (double Median, double Low, double High)[] Compare(int rounds, int operations, params Action[] actions)
    {
        foreach (Action action in actions)
        {
            for (int i = 0; i < 3 * operations; i++)
            {
                action();
            }
        }

        double[][] times = [.. actions.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int a = 0; a < actions.Length; a++)
            {
                // The case before has filled the caches with its own data; the first of two that are alike must not pay for both.
                for (int i = 0; i <= operations / 5; i++)
                {
                    actions[a]();
                }

                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < operations; i++)
                {
                    actions[a]();
                }

                times[a][round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / operations;
            }
        }

        return [.. times.Select(all =>
        {
            Array.Sort(all);
            return (all[rounds / 2], all[rounds / 4], all[rounds * 3 / 4]);
        })];
    }
}
