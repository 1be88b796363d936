using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bridge.Tests.Cluster;

/// <summary>A node is told to stop while people talk.</summary>
public sealed class ClusterFaultDrainTests(RedisServer server, ITestOutputHelper output) : ClusterFault(output), IClassFixture<RedisServer>
{
    [Theory]
    [InlineData(6)]
    public async Task A_node_that_is_told_to_stop_moves_its_calls_and_none_is_lost(int calls)
    {
        var redis = server.NewDatabase();
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, calls);
        a.Signal(PosixSignal.SIGTERM);
        var gaps = new double[calls];
        var back = await Task.WhenAll(pages.Select(async (page, i) =>
        {
            var ended = await page.UntilToldAsync("call/ended", Cancellation);
            Assert.Equal("moved", ended.GetProperty("reason").GetString());
            var told = Stopwatch.GetTimestamp();
            var returned = await Bench.CallAsync(atB, page.ResumeToken);
            gaps[i] = Stopwatch.GetElapsedTime(told).TotalSeconds;
            Assert.Equal(page.CallId, returned.CallId);
            return returned;
        }));
        Report("drained", back, gaps);
        Assert.Equal(0, await a.ExitAsync(Cancellation));
        await FinishAsync(back, "b");
    }

    [Fact]
    public async Task A_node_is_drained_and_its_calls_go_on_at_the_other_without_joining_again()
    {
        var calls = Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1" ? 50 : 6;
        var redis = server.NewDatabase();
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (b, _) = await Bench.StartAsync("b", redis);
        var pages = new List<MovingPage>();
        for (var i = 0; i < calls; i++)
        {
            pages.Add(await Bench.MovingAsync(atA));
        }

        await Task.WhenAll(pages.Select(p => p.OrderAsync("One gyoza, please.", Cancellation)));
        pages.ForEach(p => p.Watch());
        a.Signal(PosixSignal.SIGTERM);
        var began = Stopwatch.GetTimestamp();
        await UntilAsync(() => pages.All(p => p.Moves == 1 || p.Over is not null));
        var took = Stopwatch.GetElapsedTime(began);
        var silence = pages.Select(p => p.LongestSilence.TotalMilliseconds).Order().ToList();
        var over = pages.Where(p => p.Over is not null).Select(p => $"{p.CallId}: {p.Over}").ToList();
        Assert.True(over.Count == 0, $"{string.Join(", ", over)}\n{a.Output}\n{b.Output}");
        await Task.WhenAll(pages.Select(p => p.OrderAsync("And a last gyoza.", Cancellation)));
        Assert.Equal(0, await a.ExitAsync(Cancellation));
        await Task.WhenAll(pages.Select(async p =>
        {
            await p.AskAsync("page/hangup", new { });
            await UntilAsync(() => p.Over is not null);
        }));
        var doubled = 0;
        foreach (var page in pages)
        {
            var (said, _, _, rings) = await Bench.RecordAsync("b", page.CallId);
            Assert.Equal(["One gyoza, please.", "And a last gyoza."], said);
            Assert.Equal((2, 2), (rings, page.Functions.Count));
            doubled += page.Functions.Values.Sum() - rings;
        }

        Output.WriteLine(
            $"drained with {calls} calls in {took.TotalSeconds:F1} s: {pages.Count} went on, 0 lost, {doubled} RPCs doubled; "
                + $"of requests each 100 ms none was answered for {silence[^1]:F0} ms at most, "
                + $"{silence[silence.Count / 2]:F0} ms in the median");
        Assert.Equal(0, doubled);
    }
}
