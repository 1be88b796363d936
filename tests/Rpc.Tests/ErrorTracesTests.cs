namespace Bridge.Rpc.Tests;

/// <summary>One story per code of docs/rpc.md §6, word by word where the text is ours.</summary>
public sealed class ErrorTracesTests
{
    private readonly Pair _pair = new();

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method" """,
        """{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"The message is no JSON: unexpected end at byte 33."}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"method":5}""",
        """{"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"\"method\" must be a string of at most 128 bytes."}}""")]
    [InlineData("[]", """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"A batch holds 1 to 128 messages."}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"page/dance"}""",
        """{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"There is no method \"page/dance\"."}}""")]
    public void A_bad_message_gets_its_error(string message, string answer) =>
        Assert.Equal(answer, Assert.Single(_pair.PageAnswers(message)));

    [Fact]
    public async Task Invalid_params_are_said_by_the_handler()
    {
        _pair.Server.Handle("page/mute", (_, _) => throw new RpcException(RpcErrorCode.InvalidParams, "\"muted\" must be true or false."));
        var call = _pair.Page.RequestAsync("page/mute", new { muted = "yes" });
        _pair.Deliver();
        Assert.Equal(
            """{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"\"muted\" must be true or false."}}""",
            Assert.Single(_pair.FromServer.Sent));
        var error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal((RpcErrorCode.InvalidParams, "\"muted\" must be true or false."), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"no"}""")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"result":1}""")]
    public async Task A_response_that_is_none_ends_its_call_with_an_internal_error(string response)
    {
        var call = _pair.Server.RequestAsync("stage/show", null);
        _pair.Server.Receive(System.Text.Encoding.UTF8.GetBytes(response));
        Assert.Equal(RpcErrorCode.InternalError, (await Assert.ThrowsAsync<RpcException>(() => call)).Code);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32050,"message":"Sold out","data":{"sku":"egg"}}}""", -32050, "Sold out")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{}}""", -32603, "The other side gave no reason.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":1e9999,"message":7}}""", -32603, "The other side gave no reason.")]
    public async Task An_error_of_the_other_side_reaches_the_caller(string response, int code, string message)
    {
        var call = _pair.Server.RequestAsync("stage/show", null);
        _pair.Server.Receive(System.Text.Encoding.UTF8.GetBytes(response));
        var error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal((code, message), ((int)error.Code, error.Message));
    }

    [Fact]
    public async Task Two_seconds_of_silence_are_a_timeout_and_the_other_side_is_told()
    {
        var call = _pair.Server.RequestAsync("stage/show", null);
        _pair.Time.Advance(1_999);
        Assert.False(call.IsCompleted);
        _pair.Time.Advance(1);
        var error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(RpcErrorCode.Timeout, error.Code);
        Assert.Equal("ack", error.ErrorData.GetProperty("waitedFor").GetString());
        Assert.Equal("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}""", _pair.FromServer.Sent[^1]);
    }

    [Fact]
    public async Task A_busy_handler_is_acknowledged_after_100_ms_and_then_has_15_seconds()
    {
        var never = new TaskCompletionSource<object?>();
        _pair.Page.Handle("slow", (_, _) => new ValueTask<object?>(never.Task));
        var call = _pair.Server.RequestAsync("slow", null);
        _pair.Deliver();
        _pair.Time.Advance(99);
        Assert.Empty(_pair.FromPage.Sent);
        _pair.Time.Advance(1);
        Assert.Equal("""{"jsonrpc":"2.0","method":"$/received","params":{"id":1}}""", Assert.Single(_pair.FromPage.Sent));
        _pair.Deliver();
        _pair.Time.Advance(14_899);
        Assert.False(call.IsCompleted);
        _pair.Time.Advance(1);
        var error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal("response", error.ErrorData.GetProperty("waitedFor").GetString());
        Assert.Equal("\"slow\" was not answered within 15 s.", error.Message);

        // The answer that comes too late is dropped and counted.
        never.SetResult(1);
        _pair.Deliver();
        Assert.Equal(1, _pair.Server.Stats.Rejected);
        Assert.Equal(1, _pair.Server.Stats.TimedOut);
    }

    [Fact]
    public async Task Deadlines_are_those_of_the_request_then_of_the_method_then_of_the_peer()
    {
        var pair = new Pair(
            new RpcOptions
            {
                MethodDeadlines = new Dictionary<string, RpcDeadlines>
                {
                    ["slow"] = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40)),
                },
            });
        var byMethod = pair.Server.RequestAsync("slow", null);
        var byRequest = pair.Server.RequestAsync("slow", null, new RpcRequestOptions { AckDeadline = TimeSpan.FromSeconds(1) });
        pair.Time.Advance(1_000);
        await Assert.ThrowsAsync<RpcException>(() => byRequest);
        pair.Time.Advance(28_999);
        Assert.False(byMethod.IsCompleted);
        pair.Time.Advance(1);
        await Assert.ThrowsAsync<RpcException>(() => byMethod);
    }

    [Fact]
    public async Task The_time_that_writing_a_large_request_takes_is_not_its_deadline()
    {
        _pair.Page.Handle("m", Pair.Returns(1));
        var other = _pair.Server.RequestAsync("other", null); // keeps the timer running
        var call = _pair.Server.RequestAsync("m", new SlowToWrite(() => _pair.Time.Advance(5_000)));
        Assert.True(other.IsFaulted);
        _pair.Deliver();
        Assert.Equal(1, (await call).GetInt32());
    }

    private sealed class SlowToWrite(Action meanwhile)
    {
        public int Value
        {
            get
            {
                meanwhile();
                return 1;
            }
        }
    }

    [Fact]
    public async Task Deadlines_stand_still_while_the_path_is_known_to_be_interrupted()
    {
        var call = _pair.Server.RequestAsync("stage/show", null);
        _pair.Time.Advance(1_500);
        _pair.Server.Pause();
        _pair.Time.Advance(60_000);
        Assert.False(call.IsCompleted);
        _pair.Server.Resume();
        _pair.Time.Advance(499);
        Assert.False(call.IsCompleted);
        _pair.Time.Advance(1);
        await Assert.ThrowsAsync<RpcException>(() => call);
    }

    [Fact]
    public async Task Without_a_channel_a_request_fails_at_once_and_with_the_channel_the_waiting_ones()
    {
        var waiting = _pair.Server.RequestAsync("stage/show", null);
        _pair.Cut();
        Assert.Equal(RpcErrorCode.Disconnected, (await Assert.ThrowsAsync<RpcException>(() => waiting)).Code);
        Assert.Equal(
            RpcErrorCode.Disconnected, (await Assert.ThrowsAsync<RpcException>(() => _pair.Server.RequestAsync("stage/show", null))).Code);
        Assert.False(_pair.Server.Notify("call/state", null));
    }

    [Fact]
    public async Task Disposal_ends_every_call_also_the_once_only_ones_and_cancels_the_handlers()
    {
        CancellationToken token = default;
        _pair.Server.Handle("page/wait", async (_, context) =>
        {
            token = context.CancellationToken;
            await Task.Delay(Timeout.Infinite, token);
            return null;
        });
        _ = _pair.Page.RequestAsync("page/wait", null);
        _pair.Deliver();
        var waiting = _pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "call_1" });
        await _pair.Server.DisposeAsync();
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(RpcErrorCode.Disconnected, (await Assert.ThrowsAsync<RpcException>(() => waiting)).Code);
        Assert.Equal(
            RpcErrorCode.Disconnected,
            (await Assert.ThrowsAsync<RpcException>(() =>
                _pair.Server.RequestAsync("x", null, new RpcRequestOptions { CallId = "call_2" }))).Code);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_not_sent()
    {
        var exact = 262_144 - """{"jsonrpc":"2.0","id":1,"method":"m","params":[""]}""".Length;
        var fits = _pair.Server.RequestAsync("m", new[] { new string('x', exact) });
        Assert.False(fits.IsCompleted);
        var error = await Assert.ThrowsAsync<RpcException>(() => _pair.Server.RequestAsync("m", new[] { new string('x', exact + 1) }));
        Assert.Equal(RpcErrorCode.PayloadTooLarge, error.Code);
        Assert.Equal(262_145, error.ErrorData.GetProperty("size").GetInt32());
        Assert.Equal(262_144, error.ErrorData.GetProperty("limit").GetInt32());
        Assert.Single(_pair.FromServer.Sent);
        Assert.False(_pair.Server.Notify("m", new string('x', 300_000)));
    }

    [Fact]
    public async Task A_port_that_takes_less_than_256_kB_sets_the_limit()
    {
        _pair.FromServer.MaxMessageSize = 16_384;
        var error = await Assert.ThrowsAsync<RpcException>(() => _pair.Server.RequestAsync("m", new[] { new string('x', 16_384) }));
        Assert.Equal(16_384, error.ErrorData.GetProperty("limit").GetInt32());
    }

    [Fact]
    public async Task A_result_that_is_too_large_becomes_an_error()
    {
        _pair.Page.Handle("everything", Pair.Returns(new string('x', 1 << 20)));
        var call = _pair.Server.RequestAsync("everything", null);
        _pair.Deliver();
        var error = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(RpcErrorCode.PayloadTooLarge, error.Code);
        Assert.StartsWith("The result is 10486", error.Message);
        Assert.EndsWith("a message is at most 262144.", error.Message);
    }

    [Fact]
    public void A_message_that_comes_in_too_large_is_not_read()
    {
        var answer = Assert.Single(_pair.PageAnswers("\"" + new string('x', 262_143) + "\""));
        Assert.Contains("\"id\":null,\"error\":{\"code\":-32003", answer);
    }

    [Fact]
    public async Task A_handler_that_throws_sends_its_message_and_no_stack()
    {
        var faults = new List<string>();
        var pair = new Pair(
            pageOptions: new RpcOptions { Fault = (method, exception) => faults.Add($"{method}: {exception.GetType().Name}") });
        pair.Page.Handle("broken", (_, _) => throw new InvalidOperationException("Cannot read properties of undefined (reading 'price')"));
        pair.Page.Handle("long", (_, _) => throw new InvalidOperationException(new string('x', 10_000)));
        var call = pair.Server.RequestAsync("broken", null);
        var longer = pair.Server.RequestAsync("long", null);
        pair.Deliver();
        Assert.Equal(
            """{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"Cannot read properties of undefined (reading 'price')"}}""",
            pair.FromPage.Sent[0]);
        Assert.Equal(RpcErrorCode.HandlerFailed, (await Assert.ThrowsAsync<RpcException>(() => call)).Code);
        Assert.Equal(500, (await Assert.ThrowsAsync<RpcException>(() => longer)).Message.Length);
        Assert.Equal(["broken: InvalidOperationException", "long: InvalidOperationException"], faults);
    }

    [Fact]
    public async Task More_requests_than_can_be_handled_are_refused()
    {
        var pair = new Pair(new RpcOptions { MaxPendingRequests = 3 }, new RpcOptions { MaxIncomingRequests = 2 });
        pair.Page.Handle("never", (_, _) => new ValueTask<object?>(new TaskCompletionSource<object?>().Task));
        var calls = Enumerable.Range(0, 4).Select(_ => pair.Server.RequestAsync("never", null)).ToArray();
        pair.Deliver();
        Assert.Equal(RpcErrorCode.Overloaded, (await Assert.ThrowsAsync<RpcException>(() => calls[3])).Code);
        Assert.Equal(RpcErrorCode.Overloaded, (await Assert.ThrowsAsync<RpcException>(() => calls[2])).Code);
        Assert.Equal(
            """{"jsonrpc":"2.0","id":3,"error":{"code":-32007,"message":"2 requests are being handled already."}}""",
            Assert.Single(pair.FromPage.Sent));

        // A new channel is no way around it.
        pair.Cut();
        pair.Connect();
        var again = pair.Server.RequestAsync("never", null);
        pair.Deliver();
        Assert.Equal(RpcErrorCode.Overloaded, (await Assert.ThrowsAsync<RpcException>(() => again)).Code);
    }

    [Fact]
    public void A_request_id_that_is_still_being_handled_is_not_run_again()
    {
        var runs = 0;
        _pair.Page.Handle("never", (_, _) =>
        {
            runs++;
            return new ValueTask<object?>(new TaskCompletionSource<object?>().Task);
        });
        Assert.Empty(_pair.PageAnswers("""{"jsonrpc":"2.0","id":1,"method":"never"}"""));
        Assert.Contains("\"reason\":\"in_use\"", Assert.Single(_pair.PageAnswers("""{"jsonrpc":"2.0","id":1,"method":"never"}""")));
        Assert.Equal(1, runs);
    }
}
