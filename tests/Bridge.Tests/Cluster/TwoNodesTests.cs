using System.Diagnostics;
using Bridge.Calls;
using Bridge.Cluster;
using Bridge.Signaling;

namespace Bridge.Tests.Cluster;

/// <summary>Two real hosts on one machine: a page reaches its call through either of them.</summary>
public sealed class TwoNodesTests(RedisServer server, ITestOutputHelper output) : NodePair(server)
{
    [Fact]
    public async Task A_page_that_comes_back_through_the_other_node_negotiates_and_is_told_the_end_there()
    {
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        var (joined, _) = await AskAsync(first, "Join", new { role = "demo" });
        var callId = joined.GetProperty("callId").GetString();
        await using var second = await HubClient.ConnectAsync(B.Address, Cancellation);
        var (resumed, refusal) = await AskAsync(
            second, "Join", new { role = "demo", resumeToken = joined.GetProperty("resumeToken").GetString() });
        Assert.Null(refusal);
        Assert.True(resumed.GetProperty("resumed").GetBoolean());
        Assert.Equal(callId, resumed.GetProperty("callId").GetString());
        Assert.Single(A.Get<CallRegistry>().Calls);
        Assert.Empty(B.Get<CallRegistry>().Calls);

        // The connection that had the call is told, at its own node.
        Assert.Equal("replaced", (await first.ExpectAsync("CallEnded", Cancellation)).GetProperty("reason").GetString());
        var (_, foreign) = await AskAsync(first, "Offer", new { callId, sdp = "v=0" });
        Assert.StartsWith("HubException: unknown_call", Text(foreign), StringComparison.Ordinal);

        // Only the owner reads the description.
        var (_, offered) = await AskAsync(second, "Offer", new { callId, sdp = "v=0" });
        Assert.StartsWith("HubException: invalid_sdp", Text(offered), StringComparison.Ordinal);
        var (_, candidate) = await AskAsync(second, "AddCandidate", new { callId, candidate = "" });
        Assert.Null(candidate);
        var (_, hangup) = await AskAsync(second, "Hangup", new { callId });
        Assert.Null(hangup);
        var ended = await second.ExpectAsync("CallEnded", Cancellation);
        Assert.Equal(("hangup", callId), (ended.GetProperty("reason").GetString(), ended.GetProperty("callId").GetString()));
        var (recap, unknown) = await AskAsync(second, "Recap", new { resumeToken = resumed.GetProperty("resumeToken").GetString() });
        Assert.Null(unknown);
        Assert.Equal("hangup", recap.GetProperty("reason").GetString());
        var (_, over) = await AskAsync(
            second, "Join", new { role = "demo", resumeToken = resumed.GetProperty("resumeToken").GetString(), resumeOnly = true });
        Assert.StartsWith("HubException: call_over", Text(over), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_of_the_other_node_that_is_gone_gives_an_unused_line_back()
    {
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        var (joined, _) = await AskAsync(first, "Join", new { role = "demo" });
        await using (var second = await HubClient.ConnectAsync(B.Address, Cancellation))
        {
            var (_, refusal) = await AskAsync(
                second, "Join", new { role = "demo", resumeToken = joined.GetProperty("resumeToken").GetString() });
            Assert.Null(refusal);
        }

        await UntilAsync(() => !A.Get<CallRegistry>().Calls.Any());
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_a_clear_refusal()
    {
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        var (joined, _) = await first.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var token = joined.GetProperty("resumeToken").GetString();
        var callId = joined.GetProperty("callId").GetString();
        await using var second = await HubClient.ConnectAsync(B.Address, Cancellation);
        await second.InvokeAsync("Join", new { role = "demo", resumeToken = token }, Cancellation);

        // It takes requests and never answers: its replies are lost.
        await A.Get<ISignalRelay>().StartAsync(_ => new TaskCompletionSource<RelayReply>().Task);
        var began = Stopwatch.GetTimestamp();
        var (_, refusal) = await second.InvokeAsync("Offer", new { callId, sdp = "v=0" }, Cancellation);
        output.WriteLine($"refused after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.StartsWith("HubException: node_away", Text(refusal), StringComparison.Ordinal);
        Assert.EndsWith("(retryAfter: 1)", Text(refusal), StringComparison.Ordinal);

        // Its lease is fresh: the call stays its own.
        var (_, again) = await second.InvokeAsync("Join", new { role = "demo", resumeToken = token }, Cancellation);
        Assert.StartsWith("HubException: node_away", Text(again), StringComparison.Ordinal);
        Assert.Single(A.Get<CallRegistry>().Calls);
    }

    [Fact]
    public async Task A_call_that_another_node_has_taken_over_ends_here()
    {
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        await AskAsync(first, "Join", new { role = "demo" });
        var call = Assert.Single(A.Get<CallRegistry>().Calls);
        CallOwner? owner = null;
        await UntilAsync(async () => (owner = await B.Get<ICallDirectory>().FindAsync(call.Id)) is not null);
        await A.Get<ICallDirectory>().LeaveAsync();
        Assert.Equal(2, (await B.Get<ICallDirectory>().TakeOverAsync(owner!))!.Epoch);
        Assert.Equal(CallEnd.Moved, await call.Ended.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task Both_nodes_are_seen_with_their_calls_and_one_that_rests_takes_no_new_ones()
    {
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        await AskAsync(first, "Join", new { role = "demo" });
        var commands = B.Get<Bridge.Cluster.Nodes.NodeCommands>();
        var a = A.Get<ICallDirectory>().Node;
        await UntilAsync(async () => (await commands.NodesAsync()).Nodes.Any(n => n.Id == a && n.Calls == 1));
        Assert.Equal(2, (await commands.NodesAsync()).Nodes.Count);
        Assert.Equal(1, (await commands.CallsAsync(a)).GetArrayLength());
        await commands.RestAsync(a, true);
        await using var second = await HubClient.ConnectAsync(A.Address, Cancellation);
        var (_, refusal) = await AskAsync(second, "Join", new { role = "demo" });
        Assert.StartsWith("HubException: shutting_down", Text(refusal), StringComparison.Ordinal);
        await commands.RestAsync(a, false);
        var (_, taken) = await AskAsync(second, "Join", new { role = "demo" });
        Assert.Null(taken);
        var call = A.Get<CallRegistry>().Calls.First();
        Assert.True(await commands.EndAsync(a, call.Id));
        Assert.Equal(CallEnd.EndedByOperator, await call.Ended.WaitAsync(Cancellation));
        Assert.False(await commands.EndAsync(a, "nothing"));
    }

    [Fact]
    public async Task Joining_through_the_other_node_costs_little_more()
    {
        const int rounds = 60;
        var times = new Dictionary<string, List<double>> { ["owner"] = [], ["other"] = [] };
        await using var first = await HubClient.ConnectAsync(A.Address, Cancellation);
        await using var second = await HubClient.ConnectAsync(B.Address, Cancellation);
        var (joined, _) = await first.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var token = joined.GetProperty("resumeToken").GetString();
        var refused = 0;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, hub) in new[] { ("owner", first), ("other", second) })
            {
                var began = Stopwatch.GetTimestamp();
                var (reply, refusal) = await hub.InvokeAsync("Join", new { role = "demo", resumeToken = token }, Cancellation);
                if (refusal is not null)
                {
                    // A machine that stands still for 300 ms; the token is as good as before.
                    Assert.Contains("node_away", refusal, StringComparison.Ordinal);
                    refused++;
                    continue;
                }

                times[name].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                token = reply.GetProperty("resumeToken").GetString();
            }
        }

        foreach (var (name, taken) in times)
        {
            taken.Sort();
            output.WriteLine($"{name}: median {taken[taken.Count / 2]:F2} ms, p95 {taken[taken.Count * 95 / 100]:F2} ms of {taken.Count}");
        }

        output.WriteLine($"{refused} refused");
        Assert.True(refused < rounds / 4, $"{refused} of {rounds} were refused.");
    }

    // A machine that stands still for 300 ms is told from a node that is gone by asking again, as pages do.
    private static async Task<(System.Text.Json.JsonElement Result, string? Error)> AskAsync(HubClient hub, string method, object request)
    {
        while (true)
        {
            var answer = await hub.InvokeAsync(method, request, Cancellation);
            if (answer.Error?.Contains("node_away", StringComparison.Ordinal) is not true)
            {
                return answer;
            }
        }
    }

    private static string Text(string? error)
    {
        Assert.NotNull(error);
        var at = error.IndexOf("HubException: ", StringComparison.Ordinal);
        return at < 0 ? "HubException: " + error : error[at..];
    }
}
