namespace Bridge.Rpc.Tests;

public sealed class BackPressureTests
{
    [Fact]
    public async Task Forty_large_calls_wait_for_room_and_all_arrive_in_order()
    {
        var pair = new Pair();
        var seen = new List<int>();
        pair.Page.Handle("put", (parameters, _) =>
        {
            seen.Add(parameters.GetProperty("n").GetInt32());
            return ValueTask.FromResult<object?>(null);
        });
        var calls = Enumerable.Range(0, 40).Select(n => pair.Server.RequestAsync("put", new { n, text = new string('x', 250_000) }))
            .ToArray();

        Assert.InRange(pair.FromServer.BufferedAmount, 1 << 20, (1 << 20) + 250_100);
        Assert.InRange(pair.Server.Stats.QueuedBytes, 3 << 20, 4 << 20);
        Assert.False(pair.Server.Notify("call/state", null), "nothing overtakes a request that waits for room");

        for (var i = 0; i < 200 && !calls.All(call => call.IsCompleted); i++)
        {
            pair.Deliver();
            pair.Time.Advance(10);
        }

        await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(0, 40), seen);
        Assert.InRange(pair.FromServer.MostBuffered, 1, (1 << 20) + 250_100);
        Assert.Equal(0, pair.Server.Stats.QueuedBytes);
    }

    [Fact]
    public async Task A_page_that_does_not_read_costs_the_server_a_few_megabytes_and_says_so_to_the_callers()
    {
        var pair = new Pair();
        var calls = Enumerable.Range(0, 200).Select(_ => pair.Server.RequestAsync("put", new { text = new string('x', 250_000) }))
            .ToArray();
        Assert.InRange(pair.FromServer.BufferedAmount + pair.Server.Stats.QueuedBytes, 0, 6 << 20);

        // 5 MB are on the way, 16 MB wait; the others are refused at once.
        Assert.InRange(calls.Count(call => call.IsFaulted), 100, 130);
        pair.Time.Advance(2_000);
        Assert.All(calls, call => Assert.True(call.IsFaulted));
        var codes = new List<RpcErrorCode>();
        var waitedFor = new List<string?>();
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => call);
            codes.Add(error.Code);
            waitedFor.Add(error.Code == RpcErrorCode.Timeout ? error.ErrorData.GetProperty("waitedFor").GetString() : null);
        }

        Assert.Equal([RpcErrorCode.Timeout, RpcErrorCode.Overloaded], codes.Distinct());
        Assert.Equal(["ack", "room", null], waitedFor.Distinct());
        Assert.Equal(0, pair.Server.Stats.PendingRequests);
    }

    [Fact]
    public void Notifications_beyond_the_queue_are_dropped_and_counted()
    {
        var pair = new Pair(new RpcOptions { HighWater = 1_000, MaxQueuedBytes = 2_000 });
        var taken = Enumerable.Range(0, 100).Count(_ => pair.Server.Notify("call/transcript", new { text = new string('x', 100) }));
        Assert.InRange(taken, 15, 30);
        Assert.Equal(100 - taken, pair.Server.Stats.Dropped);
        Assert.InRange(pair.Server.Stats.QueuedBytes, 1, 2_000);
        for (var i = 0; i < 3; i++)
        {
            pair.Deliver();
            pair.Server.Flush();
        }

        Assert.Equal(0, pair.Server.Stats.QueuedBytes);
    }

    [Fact]
    public void Answers_to_a_page_that_asks_and_never_reads_are_dropped_and_counted()
    {
        var pair = new Pair(new RpcOptions { HighWater = 10_000, MaxQueuedBytes = 20_000 });
        pair.Server.Handle("page/big", Pair.Returns(new string('x', 1_000)));
        for (var id = 0; id < 1_000; id++)
        {
            pair.Server.Receive(System.Text.Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"method":"page/big"}"""));
        }

        Assert.InRange(pair.FromServer.BufferedAmount + pair.Server.Stats.QueuedBytes, 40_000, 52_000);
        Assert.InRange(pair.Server.Stats.Dropped, 940, 970);
        Assert.Equal(0, pair.Server.Stats.IncomingRequests);
    }

    [Fact]
    public async Task While_large_requests_wait_for_room_answers_and_acknowledgements_still_go_out()
    {
        var pair = new Pair();
        pair.Server.Handle("page/text", Pair.Returns("heard"));
        pair.Page.HandleOnce("tool/call", Pair.ReturnsOnce(1));
        var calls = Enumerable.Range(0, 40)
            .Select(
                n =>
                    pair.Server.RequestAsync(
                        "tool/call", new { text = new string('x', 250_000) }, new RpcRequestOptions { CallId = "c" + n })).ToArray();
        var asked = pair.Page.RequestAsync("page/text", null);
        for (var i = 0; i < 200 && !(asked.IsCompleted && calls.All(call => call.IsCompleted)); i++)
        {
            pair.Deliver();
            pair.Time.Advance(10);
        }

        Assert.Equal("heard", (await asked).GetString());
        await Task.WhenAll(calls);
        pair.Deliver();
        Assert.Equal(0, pair.Server.Stats.Dropped);
        Assert.Equal(40, pair.FromServer.Sent.Count(message => message.Contains("$/acknowledge")));
    }

    [Fact]
    public async Task A_port_that_refuses_for_a_while_is_asked_again()
    {
        var pair = new Pair();
        pair.Page.Handle("put", Pair.Returns(1));
        pair.FromServer.Open = false;
        var call = pair.Server.RequestAsync("put", null);
        Assert.Equal(1, pair.Server.Stats.QueuedBytes > 0 ? 1 : 0);
        pair.Time.Advance(50);
        pair.FromServer.Open = true;
        pair.Time.Advance(10);
        pair.Deliver();
        Assert.Equal(1, (await call).GetInt32());
    }

    [Fact]
    public async Task Once_only_calls_that_wait_for_room_survive_the_cut_in_their_order()
    {
        var pair = new Pair(new RpcOptions { HighWater = 1_000, MaxQueuedBytes = 2_000 });
        var seen = new List<string>();
        pair.Page.HandleOnce("tool/call", (_, context) =>
        {
            seen.Add(context.CallId);
            return ValueTask.FromResult<object?>(null);
        });
        var calls = Enumerable.Range(0, 30)
            .Select(
                n =>
                    pair.Server.RequestAsync(
                        "tool/call", new { text = new string('x', 200) }, new RpcRequestOptions { CallId = "c" + n })).ToArray();
        for (var i = 0; i < 3; i++)
        {
            pair.DeliverOne();
        }

        pair.Cut();
        pair.Connect();
        for (var i = 0; i < 100; i++)
        {
            pair.Deliver();
            pair.Time.Advance(10);
        }

        await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(0, 30).Select(n => "c" + n), seen);
    }
}
