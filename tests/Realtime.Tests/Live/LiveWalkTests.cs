using System.Diagnostics;

namespace Bridge.Realtime.Tests.Live;

public sealed class LiveWalkTests(ITestOutputHelper output)
{
    private const int Walks = 20_000;
    private const int LongWalks = 200_000;

    /// <summary>
    /// The same walks each time; with BRIDGE_LONG=1 200,000, beginning anywhere. BRIDGE_SEED=n walks that seed alone and prints its story.
    /// </summary>
    [Fact]
    public void No_interleaving_of_a_full_duplex_call_is_refused_stuck_or_run_twice()
    {
        if (Environment.GetEnvironmentVariable("BRIDGE_SEED") is { Length: > 0 })
        {
            var story = new List<string>();
            var wrong = new LiveWalk(Seeds.First, story).Run();
            Assert.True(wrong is null, $"seed {Seeds.First}: {wrong}\n{string.Join('\n', story)}");
            return;
        }

        var clock = Stopwatch.StartNew();
        var first = Seeds.First;
        var failures = new Dictionary<string, string>();
        var (cuts, sessions, invocations, commands) = (0L, 0L, 0L, 0L);
        Parallel.For(0, Seeds.Long ? LongWalks : Walks, (i, loop) =>
        {
            var walk = new LiveWalk(first + i);
            if (walk.Run() is { } wrong)
            {
                lock (failures)
                {
                    failures.TryAdd(wrong.Length > 30 ? wrong[..30] : wrong, $"BRIDGE_SEED={first + i}: {wrong}");
                    if (failures.Count > 5)
                    {
                        loop.Stop();
                    }
                }
            }

            Interlocked.Add(ref cuts, walk.Cuts);
            Interlocked.Add(ref sessions, walk.Sessions);
            Interlocked.Add(ref invocations, walk.Invocations);
            Interlocked.Add(ref commands, walk.Commands);
        });
        output.WriteLine(
            $"from BRIDGE_SEED={first}: {commands:N0} commands, {cuts:N0} cuts, {sessions:N0} sessions, {invocations:N0} calls in "
                + $"{clock.Elapsed.TotalSeconds:F1} s");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Values));
        Assert.True(cuts > 1000 && sessions > 10_000 && invocations > 1000, "the walks reach too little");
    }
}
