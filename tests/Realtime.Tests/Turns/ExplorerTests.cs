using System.Diagnostics;
using System.Globalization;

namespace Bridge.Realtime.Tests.Turns;

public class ExplorerTests(ITestOutputHelper output)
{
    private const int Walks = 40_000;
    private const int Million = 1_000_000;

    /// <summary>
    /// The same 40,000 walks each time (about 30 s of one core), and some through the servers that people host themselves, which
    /// take six times as long. With BRIDGE_LONG=1 a million, a second million where nobody has been, and fifty times as many of the
    /// others. BRIDGE_WALKS=n walks the first n; BRIDGE_SEED=n walks that seed alone and prints its story. BRIDGE_SERVERS=foreign or
    /// self sends those two through the other servers.
    /// </summary>
    [Theory]
    [InlineData(false, 500)]
    [InlineData(true, 500)]
    public void Calls_with_servers_that_people_host_themselves_are_no_less_sound(bool selfAnswering, int walks)
    {
        for (var seed = 1UL; seed <= (ulong)walks * (Seeds.Long ? 50UL : 1); seed++)
        {
            var walk = new CallWalk(seed, servers: selfAnswering ? WalkServer.SelfAnswering : WalkServer.Foreign);
            var wrong = walk.Run();
            Assert.True(wrong is null, $"BRIDGE_SERVERS={(selfAnswering ? "self" : "foreign")} BRIDGE_SEED={seed} ({walk.ServerName}): {wrong}");
        }
    }

    [Fact]
    public async Task No_interleaving_of_a_call_is_refused_stuck_or_forgets()
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("BRIDGE_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            var story = new List<string>();
            var wrong = new CallWalk(seed, story).Run();
            Assert.True(wrong is null, $"seed {seed}: {wrong}\n{string.Join('\n', story)}");
            return;
        }

        var clock = Stopwatch.StartNew();

        var limit = int.TryParse(Environment.GetEnvironmentVariable("BRIDGE_WALKS"), CultureInfo.InvariantCulture, out var given) ? given : Seeds.Long ? 2 * Million : Walks;
        var elsewhere = (ulong)Random.Shared.NextInt64(Million, long.MaxValue / 2);
        var traces = new HashSet<ulong>();
        var (next, walks, steps, crossings, truncations, refusals, paid, ahead, inVain) = (-1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
        var manners = new SortedDictionary<string, long>(StringComparer.Ordinal);
        string? failure = null;
        void Walk()
        {
            var seen = new List<ulong>();
            var counts = new Dictionary<string, long>();
            while (failure is null && Interlocked.Increment(ref next) is var turn && turn < limit)
            {
                var at = turn < Million ? (ulong)turn + 1 : elsewhere + (ulong)turn;
                var walk = new CallWalk(at);
                var wrong = walk.Run() ?? ((at & 63) == 0 ? walk.WrongStorage() : null);
                if (wrong is not null)
                {
                    Interlocked.CompareExchange(ref failure, $"BRIDGE_SEED={at} ({walk.ServerName}): {wrong}", null);
                }

                seen.Add(walk.Trace);
                Interlocked.Increment(ref walks);
                Interlocked.Add(ref steps, walk.Length);
                Interlocked.Add(ref crossings, walk.Crossings);
                Interlocked.Add(ref truncations, walk.Truncations);
                Interlocked.Add(ref refusals, walk.Refusals);
                Interlocked.Add(ref paid, walk.Paid);
                Interlocked.Add(ref ahead, walk.Ahead.Heard);
                Interlocked.Add(ref inVain, walk.Ahead.InVain);
                foreach (var (what, times) in walk.Counts)
                {
                    counts[what] = counts.GetValueOrDefault(what) + times;
                }
            }

            lock (traces)
            {
                traces.UnionWith(seen);
                foreach (var (what, times) in counts)
                {
                    manners[what] = manners.GetValueOrDefault(what) + times;
                }
            }
        }

        // Threads of its own: on the pool's it would keep the tests beside it, with their sockets, from being served.
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            Walk, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        output.WriteLine($"{walks} walks, {traces.Count} distinct, {steps} steps, {crossings} cancels crossed their response's end, {truncations} sentences were cut, "
            + $"{refusals} updates were refused, {paid} responses were within what was reserved for them, "
            + $"{ahead} answers were asked for ahead and {inVain} more in vain, "
            + $"{string.Join(", ", manners.Select(count => $"{count.Value} {count.Key}"))}, {clock.Elapsed.TotalSeconds:0.0} s"
            + (Seeds.Long ? $", from {elsewhere + Million} on" : ""));
        Assert.True(failure is null, failure);
        Assert.True(traces.Count > walks * 0.99, "the walks repeat themselves");
        Assert.True(refusals > walks / 1000, "hardly any update of a session is refused");
        Assert.True(truncations > walks / 10, "hardly anybody interrupts a sentence");
        Assert.True(paid > walks, "hardly any response is paid ahead");
        Assert.True(ahead > walks / 20, "hardly any answer is asked for ahead and heard");
        Assert.True(inVain > walks / 20, "hardly anybody goes on after an answer was asked for ahead");
        Assert.All(manners, count => Assert.True(count.Value > walks / 10_000, $"hardly ever: {count.Key}"));
    }
}
