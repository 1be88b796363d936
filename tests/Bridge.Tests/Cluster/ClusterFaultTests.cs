using System.Diagnostics;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Cluster;

/// <summary>Faults of a cluster, with real processes. Each tells how many calls went on, and for how long none could be heard.</summary>
public sealed class ClusterFaultTests(RedisServer server, ITestOutputHelper output) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const int Calls = 4;

    private ClusterBench _bench = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        _bench = await ClusterBench.OpenAsync();
    }

    public ValueTask DisposeAsync() => _bench?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task The_owner_is_killed_and_every_call_goes_on_at_the_other_node_with_its_conversation()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, Calls);
        await _bench.KillAsync(a);
        var killed = Stopwatch.GetTimestamp();
        var (back, gaps) = await ComeBackAsync(pages, atB, killed);
        Report("owner killed", back, gaps);
        Assert.All(back, page => Assert.True(page.Resumed));
        await FinishAsync(back, "b");
    }

    [Fact]
    public async Task The_owner_stands_still_for_ten_seconds_and_is_no_second_owner_afterwards()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, Calls);
        await ClusterBench.SignalAsync(a, "STOP");
        var stopped = Stopwatch.GetTimestamp();
        var (back, gaps) = await ComeBackAsync(pages[..(Calls / 2)], atB, stopped);
        Report("owner stopped", back, gaps);
        Assert.All(back, page => Assert.True(page.Resumed));
        await Task.Delay(TimeSpan.FromSeconds(10) - Stopwatch.GetElapsedTime(stopped), Cancellation);
        await ClusterBench.SignalAsync(a, "CONT");
        await UntilAsync(() => back.All(p => a.Output.Contains($"{p.CallId}: another node has taken it over", StringComparison.Ordinal)));
        await FinishAsync(back, "b");

        // Nobody took the others: they are still this node's, at their pages that waited.
        var (rest, _) = await ComeBackAsync(pages[(Calls / 2)..], atB, Stopwatch.GetTimestamp());
        Assert.All(rest, page => Assert.True(page.Resumed));
        await FinishAsync(rest, "a");
        foreach (var page in back)
        {
            Assert.Equal("moved", (await _bench.RecordAsync("a", page.CallId)).Reason);
        }
    }

    [Fact]
    public async Task Redis_is_killed_and_comes_back_empty_and_no_call_notices()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, Calls);
        await server.KillAsync();
        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "Two gyoza, please.")));
        var joined = Stopwatch.GetTimestamp();
        var fresh = await _bench.CallAsync(atB);
        output.WriteLine($"a new call without Redis: {Stopwatch.GetElapsedTime(joined).TotalMilliseconds:F0} ms to its hello");
        await ClusterBench.OrderAsync(fresh, "One gyoza, please.");
        await UntilAsync(() => a.Output.Contains("Redis does not answer", StringComparison.Ordinal));
        await server.StartAsync();
        await UntilAsync(() => a.Output.Contains("Redis answers again", StringComparison.Ordinal));

        // It knows the calls again: the owner dies, and they go on at the other node.
        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "Three gyoza, please.")));
        await _bench.KillAsync(a);
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
        var (_, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        far.Delay = TimeSpan.FromMilliseconds(200);
        var joined = Stopwatch.GetTimestamp();
        var pages = await OrderedAsync(atA, Calls);
        output.WriteLine($"{Calls} calls joined and ordered in {Stopwatch.GetElapsedTime(joined).TotalMilliseconds:F0} ms");

        // Request and reply cross the slow way twice: a clear refusal, and the owner itself takes its page back.
        await using var hub = await HubClient.ConnectAsync(atB, Cancellation);
        var (_, refusal) = await hub.InvokeAsync("Join", new { role = "waiter", resumeToken = pages[0].ResumeToken }, Cancellation);
        output.WriteLine($"through the other node: {refusal ?? "joined"}");
        Assert.Contains("node_away", refusal, StringComparison.Ordinal);
        await FinishAsync(pages, "a", orders: 2);
    }

    [Theory]
    [InlineData(6)]
    public async Task A_node_that_is_told_to_stop_moves_its_calls_and_none_is_lost(int calls)
    {
        var redis = server.NewDatabase();
        var (a, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, calls);
        a.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        var gaps = new double[calls];
        var back = await Task.WhenAll(pages.Select(async (page, i) =>
        {
            var ended = await page.UntilToldAsync("call/ended", Cancellation);
            Assert.Equal("moved", ended.GetProperty("reason").GetString());
            var told = Stopwatch.GetTimestamp();
            var returned = await _bench.CallAsync(atB, page.ResumeToken);
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
        var (a, atA) = await _bench.StartAsync("a", redis);
        await _bench.StartAsync("b", redis);
        var pages = new List<MovingPage>();
        for (var i = 0; i < calls; i++)
        {
            pages.Add(await _bench.MovingAsync(atA));
        }

        await Task.WhenAll(pages.Select(p => p.OrderAsync("One gyoza, please.", Cancellation)));
        pages.ForEach(p => p.Watch());
        a.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        var began = Stopwatch.GetTimestamp();
        await UntilAsync(() => pages.All(p => p.Moves == 1 || p.Over is not null));
        var took = Stopwatch.GetElapsedTime(began);
        var silence = pages.Select(p => p.LongestSilence.TotalMilliseconds).Order().ToList();
        Assert.All(pages, page => Assert.Null(page.Over));
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
            var (said, _, _, rings) = await _bench.RecordAsync("b", page.CallId);
            Assert.Equal(["One gyoza, please.", "And a last gyoza."], said);
            Assert.Equal((2, 2), (rings, page.Functions.Count));
            doubled += page.Functions.Values.Sum() - rings;
        }

        output.WriteLine(
            $"drained with {calls} calls in {took.TotalSeconds:F1} s: {pages.Count} went on, 0 lost, {doubled} RPCs doubled; "
                + $"of requests each 100 ms none was answered for {silence[^1]:F0} ms at most, "
                + $"{silence[silence.Count / 2]:F0} ms in the median");
        Assert.Equal(0, doubled);
    }

    [Fact]
    public async Task Two_pages_with_one_token_at_two_nodes_lead_to_one_owner()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await _bench.StartAsync("a", redis);
        var (_, atB) = await _bench.StartAsync("b", redis);
        var (_, atC) = await _bench.StartAsync("c", redis);
        var pages = await OrderedAsync(atA, Calls);
        await _bench.KillAsync(a);
        foreach (var page in pages)
        {
            await using var b = await HubClient.ConnectAsync(atB, Cancellation);
            await using var c = await HubClient.ConnectAsync(atC, Cancellation);
            var replies = await Task.WhenAll(new[] { b, c, b, c }.Select(hub => Task.Run(
                () => Serial(hub, () => hub.InvokeAsync(
                    "Join", new { role = "waiter", resumeToken = page.ResumeToken, resumeOnly = true }, Cancellation)), Cancellation)));
            var ids = replies.Where(r => r.Error is null).Select(r => r.Result.GetProperty("callId").GetString()).Distinct().ToList();
            var errors = string.Join(", ", replies.Select(r => r.Error).OfType<string>());
            output.WriteLine($"{replies.Count(r => r.Error is null)} of 4 joined; {errors}");
            Assert.Equal([page.CallId], ids);
        }
    }

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<HubClient, SemaphoreSlim> Turns = [];

    // A hub connection carries one request of a test at a time.
    private static async Task<T> Serial<T>(HubClient hub, Func<Task<T>> ask)
    {
        var turn = Turns.GetValue(hub, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(Cancellation);
        try
        {
            return await ask();
        }
        finally
        {
            turn.Release();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private async Task<ProgramPage[]> OrderedAsync(Uri host, int calls)
    {
        var pages = new ProgramPage[calls];
        for (var i = 0; i < calls; i++)
        {
            pages[i] = await _bench.CallAsync(host);
        }

        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "One gyoza, please.")));
        return pages;
    }

    /// <summary>The pages come back at a host, all at once; how long after a moment each was greeted.</summary>
    private async Task<(ProgramPage[] Back, double[] Gaps)> ComeBackAsync(ProgramPage[] pages, Uri host, long since)
    {
        var gaps = new double[pages.Length];
        var back = await Task.WhenAll(pages.Select(async (page, i) =>
        {
            var returned = await _bench.CallAsync(host, page.ResumeToken);
            gaps[i] = Stopwatch.GetElapsedTime(since).TotalSeconds;
            Assert.Equal(page.CallId, returned.CallId);
            return returned;
        }));
        return (back, gaps);
    }

    private async Task FinishAsync(ProgramPage[] pages, string node, int orders = 2)
    {
        await Task.WhenAll(pages.Select(async page =>
        {
            await ClusterBench.OrderAsync(page, "And a last gyoza.");
            await page.HangUpAsync(Cancellation);
        }));
        foreach (var page in pages)
        {
            var (said, notes, _, rings) = await _bench.RecordAsync(node, page.CallId);
            Assert.Equal((orders, orders), (said.Count, said.Distinct().Count()));
            Assert.Equal("And a last gyoza.", said[^1]);

            // The page was asked for each of the model's function calls, and by one id.
            Assert.Equal((orders, orders), (rings, _bench.Rings(page.CallId).Count));
            output.WriteLine($"{page.CallId}: {said.Count} orders, {rings} RPCs, 0 doubled, {notes} notes in the store of {node}");
        }
    }

    private void Report(string fault, ProgramPage[] back, double[] gaps) => output.WriteLine(
        $"{fault}: {back.Count(p => p.Resumed)} of {back.Length} calls went on, {back.Count(p => !p.Resumed)} lost, "
            + $"longest gap {gaps.Max():F2} s, median {gaps.Order().ElementAt(gaps.Length / 2):F2} s");
}
