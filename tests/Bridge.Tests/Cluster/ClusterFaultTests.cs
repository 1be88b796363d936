using System.Diagnostics;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Cluster;

/// <summary>The owner of calls dies or stands still.</summary>
public sealed class ClusterFaultTests(RedisServer server, ITestOutputHelper output) : ClusterFault(output), IClassFixture<RedisServer>
{
    [Fact]
    public async Task The_owner_is_killed_and_every_call_goes_on_at_the_other_node_with_its_conversation()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
        var pages = await OrderedAsync(atA, Calls);
        await Bench.KillAsync(a);
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
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
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
            Assert.Equal("moved", (await Bench.RecordAsync("a", page.CallId)).Reason);
        }
    }

    [Fact]
    public async Task Two_pages_with_one_token_at_two_nodes_lead_to_one_owner()
    {
        var redis = server.NewDatabase();
        var (a, atA) = await Bench.StartAsync("a", redis);
        var (_, atB) = await Bench.StartAsync("b", redis);
        var (_, atC) = await Bench.StartAsync("c", redis);
        var pages = await OrderedAsync(atA, Calls);
        await Bench.KillAsync(a);
        foreach (var page in pages)
        {
            await using var b = await HubClient.ConnectAsync(atB, Cancellation);
            await using var c = await HubClient.ConnectAsync(atC, Cancellation);
            var replies = await Task.WhenAll(new[] { b, c, b, c }.Select(hub => Task.Run(
                () => Serial(hub, () => hub.InvokeAsync(
                    "Join", new { role = "waiter", resumeToken = page.ResumeToken, resumeOnly = true }, Cancellation)), Cancellation)));
            var ids = replies.Where(r => r.Error is null).Select(r => r.Result.GetProperty("callId").GetString()).Distinct().ToList();
            var errors = string.Join(", ", replies.Select(r => r.Error).OfType<string>());
            Output.WriteLine($"{replies.Count(r => r.Error is null)} of 4 joined; {errors}");
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
}
