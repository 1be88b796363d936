using System.Diagnostics;
using System.Globalization;

namespace Bridge.Realtime.Tests.Turns;

public class ExplorerTests(ITestOutputHelper output)
{
    private const int Million = 1_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static bool Long => Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1";

    /// <summary>
    /// A million distinct walks, or on a slow machine as many as fit into four minutes; with BRIDGE_LONG=1 two million
    /// others, however long they take. BRIDGE_SEED=n walks that seed alone and prints its story.
    /// </summary>
    [Fact]
    public void No_interleaving_of_a_call_is_refused_stuck_or_forgets()
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("BRIDGE_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            var story = new List<string>();
            var wrong = new CallWalk(seed, story).Run();
            Assert.True(wrong is null, $"seed {seed}: {wrong}\n{string.Join('\n', story)}");
            return;
        }

        var clock = Stopwatch.StartNew();

        // The suite walks the same million each time; the long run goes where nobody has been.
        var start = Long ? (ulong)Random.Shared.NextInt64(Million, long.MaxValue / 2) : 1;
        var traces = new HashSet<ulong>();
        var (walks, steps, crossings) = (0L, 0L, 0L);
        string? failure = null;
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            var seen = new List<ulong>(4096);
            for (var at = start + (ulong)worker; failure is null; at += (ulong)Environment.ProcessorCount)
            {
                var walk = new CallWalk(at);
                var wrong = walk.Run() ?? ((at & 63) == 0 ? walk.WrongStorage() : null);
                if (wrong is not null)
                {
                    Interlocked.CompareExchange(ref failure, $"BRIDGE_SEED={at}: {wrong}", null);
                }

                seen.Add(walk.Trace);
                Interlocked.Increment(ref walks);
                Interlocked.Add(ref steps, walk.Length);
                Interlocked.Add(ref crossings, walk.Crossings);
                if (seen.Count == 4096)
                {
                    lock (traces)
                    {
                        traces.UnionWith(seen);
                        seen.Clear();
                        if (traces.Count >= (Long ? 2 * Million : Million) || (!Long && clock.Elapsed > Patience))
                        {
                            break;
                        }
                    }
                }
            }

            lock (traces)
            {
                traces.UnionWith(seen);
            }
        });
        output.WriteLine($"{walks} walks, {traces.Count} distinct, {steps} steps, {crossings} cancels crossed their response's end, {clock.Elapsed.TotalSeconds:0.0} s, first seed {start}");
        Assert.True(failure is null, failure);
        Assert.True(traces.Count > walks * 0.99, "the walks repeat themselves");
    }
}
