using System.Text.Json;

namespace Bridge.Rpc.Tests;

public sealed class CancelAndProgressTests
{
    private readonly Pair _pair = new();

    [Fact]
    public async Task A_cancelled_call_ends_here_at_once_and_aborts_the_handler_there()
    {
        var aborted = false;
        var source = new TaskCompletionSource<object?>();
        _pair.Page.HandleOnce("tool/call", (_, context) =>
        {
            context.CancellationToken.Register(() =>
            {
                aborted = true;
                source.SetCanceled(context.CancellationToken);
            });
            return new ValueTask<object?>(source.Task);
        });
        using var cancel = new CancellationTokenSource();
        var call = _pair.Server.RequestAsync("tool/call", new { name = "find" }, new RpcRequestOptions { CallId = "call_2" }, cancel.Token);
        _pair.Deliver();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        _pair.Deliver();

        Assert.True(aborted);
        Assert.Equal(
            [
                """{"jsonrpc":"2.0","id":1,"method":"tool/call","params":{"name":"find","callId":"call_2"}}""",
                """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}""",
                """{"jsonrpc":"2.0","method":"$/acknowledge","params":{"callIds":["call_2"]}}""",
            ],
            _pair.FromServer.Sent);
        Assert.Equal(
            """{"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"The request was cancelled."}}""",
            Assert.Single(_pair.FromPage.Sent));
        Assert.Equal(0, _pair.Server.Stats.PendingRequests);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _pair.Server.RequestAsync("m", null, null, new CancellationToken(true)));
        Assert.Empty(_pair.FromServer.Sent);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[]}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/progress","params":{"token":7,"value":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/progress","params":[1]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/received","params":{"id":"x"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/acknowledge","params":{"callIds":[1,null,"x"]}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/acknowledge","params":{"callIds":"x"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/unknown","params":{}}""")]
    public void Protocol_messages_about_nothing_are_ignored(string message) => Assert.Empty(_pair.PageAnswers(message));

    [Fact]
    public void Protocol_methods_are_no_requests() =>
        Assert.Contains(
            "-32601", Assert.Single(_pair.PageAnswers("""{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":1}}""")));

    [Fact]
    public async Task Progress_reaches_the_asker_in_order_and_counts_as_a_sign_of_life()
    {
        var seen = new List<string>();
        var source = new TaskCompletionSource<object?>();
        RpcContext? context = null;
        _pair.Page.Handle("find", (_, given) =>
        {
            context = given;
            return new ValueTask<object?>(source.Task);
        });
        var call = _pair.Server.RequestAsync(
            "find", null, new RpcRequestOptions { Progress = new Seen(value => seen.Add(value.GetProperty("message").GetString()!)) });
        _pair.Deliver();
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"method":"find","params":{"workDoneToken":1}}""", Assert.Single(_pair.FromServer.Sent));
        Assert.True(context!.WantsProgress);
        Assert.True(context.Report(new { kind = "report", message = "aisle 4" }));
        Assert.True(context.Report(new { kind = "report", message = "aisle 5" }));
        _pair.Deliver();
        _pair.Time.Advance(3_000);
        Assert.False(call.IsCompleted);
        Assert.Equal(["aisle 4", "aisle 5"], seen);
        Assert.Equal(
            """{"jsonrpc":"2.0","method":"$/progress","params":{"token":1,"value":{"kind":"report","message":"aisle 4"}}}""",
            _pair.FromPage.Sent[0]);

        source.SetResult(3);
        Assert.False(context.Report(new { kind = "report", message = "too late" }));
        _pair.Deliver();
        Assert.Equal(3, (await call).GetInt32());
        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task A_progress_receiver_that_throws_harms_nobody()
    {
        var faults = 0;
        var pair = new Pair(new RpcOptions { Fault = (_, _) => faults++ });
        pair.Page.Handle("find", (_, context) =>
        {
            context.Report(1);
            return ValueTask.FromResult<object?>(2);
        });
        var call = pair.Server.RequestAsync(
            "find", null, new RpcRequestOptions { Progress = new Seen(_ => throw new InvalidOperationException()) });
        pair.Deliver();
        Assert.Equal(2, (await call).GetInt32());
        Assert.Equal(1, faults);
    }

    [Fact]
    public async Task Progress_that_nobody_asked_for_is_not_sent()
    {
        _pair.Page.Handle("find", (_, context) => ValueTask.FromResult<object?>(context.Report(1)));
        var call = _pair.Server.RequestAsync("find", new { });
        _pair.Deliver();
        Assert.False((await call).GetBoolean());
    }

    [Fact]
    public void Params_that_can_not_carry_the_call_id_are_a_mistake_of_the_caller()
    {
        Assert.Throws<ArgumentException>(
            () => { _ = _pair.Server.RequestAsync("m", new[] { 1 }, new RpcRequestOptions { CallId = "c" }); });
        Assert.Throws<ArgumentException>(
            () => { _ = _pair.Server.RequestAsync("m", new { name = "x", callId = "d" }, new RpcRequestOptions { CallId = "c" }); });
        Assert.Throws<ArgumentException>(() => { _ = _pair.Server.RequestAsync("m", null, new RpcRequestOptions { CallId = "" }); });
        Assert.Equal(0, _pair.Server.Stats.PendingRequests);
        _ = _pair.Server.RequestAsync("m", new { callId = "c", name = "x" }, new RpcRequestOptions { CallId = "c" });
        Assert.Equal("""{"jsonrpc":"2.0","id":3,"method":"m","params":{"callId":"c","name":"x"}}""", Assert.Single(_pair.FromServer.Sent));
        Assert.Throws<ArgumentException>(() => _pair.Server.Handle("$/x", Pair.Returns(1)));
    }

    internal sealed class Seen(Action<JsonElement> action) : IProgress<JsonElement>
    {
        public void Report(JsonElement value) => action(value);
    }
}
