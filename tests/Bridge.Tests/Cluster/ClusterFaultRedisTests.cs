using System.Diagnostics;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Cluster;

/// <summary>Redis dies or is far away.</summary>
public sealed class ClusterFaultRedisTests(RedisServer server, ITestOutputHelper output) : ClusterFault(output), IClassFixture<RedisServer>
{
    [Fact]
    public async Task Redis_is_killed_and_comes_back_empty_and_no_call_notices()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, Calls);
        await server.KillAsync();
        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "Two gyoza, please.")));
        var joined = Stopwatch.GetTimestamp();
        var fresh = await Bench.CallAsync(atB);
        Output.WriteLine($"a new call without Redis: {Stopwatch.GetElapsedTime(joined).TotalMilliseconds:F0} ms to its hello");
        await ClusterBench.OrderAsync(fresh, "One gyoza, please.");
        await UntilAsync(() => a.Output.Contains("Redis does not answer", StringComparison.Ordinal));
        await server.StartAsync();
        await UntilAsync(() => a.Output.Contains("Redis answers again", StringComparison.Ordinal));

        // It knows the calls again: the owner dies, and they go on at the other node.
        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "Three gyoza, please.")));
        await Bench.KillAsync(a);
        var (back, gaps) = await ComeBackAsync(pages, atB, Stopwatch.GetTimestamp());
        Report("Redis killed, then the owner", back, gaps);
        Assert.All(back, page => Assert.True(page.Resumed));
        await FinishAsync(back, "b", orders: 4);
    }

    [Fact]
    public async Task Redis_is_slow_by_200_ms_and_calls_join_and_go_on()
    {
        await using var far = new SlowTcp(server.Port);
        var redis = server.At(far.Port);
        var (_, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
        far.Delay = TimeSpan.FromMilliseconds(200);
        var joined = Stopwatch.GetTimestamp();
        var pages = await OrderedAsync(atA, Calls);
        Output.WriteLine($"{Calls} calls joined and ordered in {Stopwatch.GetElapsedTime(joined).TotalMilliseconds:F0} ms");

        // Request and reply cross the slow way twice: a clear refusal, and the owner itself takes its page back.
        await using var hub = await HubClient.ConnectAsync(atB, Cancellation);
        var (_, refusal) = await hub.InvokeAsync("Join", new { role = "waiter", resumeToken = pages[0].ResumeToken }, Cancellation);
        Output.WriteLine($"through the other node: {refusal ?? "joined"}");
        Assert.Contains("node_away", refusal, StringComparison.Ordinal);
        await FinishAsync(pages, "a", orders: 2);
    }
}
