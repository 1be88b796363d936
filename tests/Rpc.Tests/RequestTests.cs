using System.Text.Json;

namespace Bridge.Rpc.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task A_request_is_answered_with_the_handlers_result()
    {
        var pair = new Pair();
        pair.Page.Handle(
            "stage/show", (parameters, _) => ValueTask.FromResult<object?>(new { Shown = parameters.GetProperty("id").GetString() }));

        var answer = pair.Server.RequestAsync("stage/show", new { Id = "a" });
        pair.Deliver();

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"method":"stage/show","params":{"id":"a"}}""", Assert.Single(pair.FromServer.Sent));
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"shown":"a"}}""", Assert.Single(pair.FromPage.Sent));
        Assert.Equal("a", (await answer).GetProperty("shown").GetString());
    }

    [Fact]
    public async Task Both_sides_ask_and_a_handler_may_ask_back_before_it_answers()
    {
        var pair = new Pair();
        pair.Server.Handle("page/name", Pair.Returns("Ada"));
        pair.Page.Handle("greet", async (_, context) => "Hello " + (await context.Peer.RequestAsync("page/name", null)).GetString());

        var answer = pair.Server.RequestAsync("greet", null);
        while (!answer.IsCompleted)
        {
            pair.DeliverOne(); // the handler goes on in the pool once its own answer is there
        }

        Assert.Equal("Hello Ada", (await answer).GetString());
    }

    [Fact]
    public async Task Notifications_start_in_order_and_are_never_answered()
    {
        var pair = new Pair();
        var seen = new List<int>();
        pair.Page.Handle("call/state", (parameters, context) =>
        {
            Assert.True(context.IsNotification);
            seen.Add(parameters.GetProperty("n").GetInt32());
            return seen.Count == 2 ? throw new InvalidOperationException("broken") : ValueTask.FromResult<object?>(null);
        });

        Assert.All(Enumerable.Range(0, 4), n => Assert.True(pair.Server.Notify("call/state", new { n })));
        pair.Deliver();

        Assert.Equal([0, 1, 2, 3], seen);
        Assert.Empty(pair.FromPage.Sent);
        await pair.Server.DisposeAsync();
    }

    [Fact]
    public async Task A_thousand_calls_are_in_flight_and_each_gets_its_own_answer()
    {
        var pair = new Pair();
        var waiting = new List<TaskCompletionSource<object?>>();
        pair.Page.Handle("echo", (parameters, _) =>
        {
            var source = new TaskCompletionSource<object?>(parameters.GetProperty("n").GetInt32());
            waiting.Add(source);
            return new ValueTask<object?>(source.Task);
        });

        var answers = Enumerable.Range(0, 1_000).Select(n => pair.Server.RequestAsync("echo", new { n })).ToArray();
        pair.Deliver();
        Assert.Equal(1_000, pair.Server.Stats.PendingRequests);
        Assert.Equal(1_000, pair.Page.Stats.IncomingRequests);

        foreach (var source in waiting.AsEnumerable().Reverse())
        {
            source.SetResult(source.Task.AsyncState);
        }

        pair.Deliver();
        for (var n = 0; n < answers.Length; n++)
        {
            Assert.Equal(n, (await answers[n]).GetInt32());
        }

        Assert.Equal(0, pair.Server.Stats.PendingRequests);
        Assert.Equal(0, pair.Page.Stats.IncomingRequests);
    }

    [Fact]
    public void A_batch_is_answered_with_one_array_once_all_its_requests_are_answered()
    {
        var pair = new Pair();
        var slow = new TaskCompletionSource<object?>();
        pair.Page.Handle("fast", Pair.Returns(1));
        pair.Page.Handle("slow", (_, _) => new ValueTask<object?>(slow.Task));

        Assert.Empty(pair.PageAnswers("""[{"jsonrpc":"2.0","id":1,"method":"slow"},{"jsonrpc":"2.0","method":"fast"},{"jsonrpc":"2.0","id":"b","method":"fast"},{"jsonrpc":"2.0","id":3,"method":"none"},7]"""));
        slow.SetResult(2);

        using var answer = JsonDocument.Parse(Assert.Single(pair.FromPage.Sent));
        Assert.Equal(4, answer.RootElement.GetArrayLength());
        Assert.Contains("""{"jsonrpc":"2.0","id":1,"result":2}""", pair.FromPage.Sent[0]);
        Assert.Contains("""{"jsonrpc":"2.0","id":"b","result":1}""", pair.FromPage.Sent[0]);
        Assert.Contains("""{"jsonrpc":"2.0","id":3,"error":{"code":-32601""", pair.FromPage.Sent[0]);
        Assert.Contains("""{"jsonrpc":"2.0","id":null,"error":{"code":-32600""", pair.FromPage.Sent[0]);
    }

    [Fact]
    public void A_batch_of_notifications_is_not_answered()
    {
        var pair = new Pair();
        pair.Page.Handle("fast", Pair.Returns(1));
        Assert.Empty(pair.PageAnswers("""[{"jsonrpc":"2.0","method":"fast"},{"jsonrpc":"2.0","method":"none"}]"""));
    }

    [Fact]
    public async Task A_batch_of_responses_answers_the_requests()
    {
        var pair = new Pair();
        var first = pair.Server.RequestAsync("a", null);
        var second = pair.Server.RequestAsync("b", null);
        pair.Server.Receive("""[{"jsonrpc":"2.0","id":2,"result":"second"},{"jsonrpc":"2.0","id":1,"result":"first"}]"""u8);
        Assert.Equal("first", (await first).GetString());
        Assert.Equal("second", (await second).GetString());
        Assert.Empty(pair.FromPage.Sent);
    }

    [Fact]
    public void Answers_to_a_batch_that_are_larger_than_a_message_come_in_more_than_one_array()
    {
        var pair = new Pair();
        pair.FromPage.MaxMessageSize = 1_000;
        pair.Page.Handle("big", Pair.Returns(new string('x', 400)));
        var answers = pair.PageAnswers(
            "[" + string.Join(',', Enumerable.Range(0, 5).Select(id => $$"""{"jsonrpc":"2.0","id":{{id}},"method":"big"}""")) + "]");
        Assert.Equal(3, answers.Length);
        Assert.All(answers, answer => Assert.InRange(answer.Length, 1, 1_000));
        Assert.Equal(5, answers.Sum(answer => Pair.Json(answer).GetArrayLength()));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-9223372036854775808")]
    [InlineData("\"a\"")]
    [InlineData("\"\\u00e9\\\"\"")]
    [InlineData("\"🍳\"")]
    public void An_id_comes_back_as_it_was_written(string id)
    {
        var pair = new Pair();
        pair.Page.Handle("fast", Pair.Returns(true));
        Assert.Equal(
            $$"""{"jsonrpc":"2.0","id":{{id}},"result":true}""",
            Assert.Single(pair.PageAnswers($$""" {"method":"fa\u0073t", "id" : {{id}} ,"jsonrpc":"2.0", "extra":[{}]} """)));
    }

    [Fact]
    public async Task What_the_serializer_can_not_write_fails_that_call_alone()
    {
        var pair = new Pair();
        pair.Page.Handle("bad", Pair.Returns(new { Pointer = typeof(string) }));
        pair.Page.Handle("good", Pair.Returns(1));
        var bad = pair.Server.RequestAsync("bad", null);
        var good = pair.Server.RequestAsync("good", null);
        pair.Deliver();
        Assert.Equal(RpcErrorCode.HandlerFailed, (await Assert.ThrowsAsync<RpcException>(() => bad)).Code);
        Assert.Equal(1, (await good).GetInt32());
        await Assert.ThrowsAsync<NotSupportedException>(() => pair.Server.RequestAsync("good", new { Pointer = typeof(string) }));
        Assert.Equal(0, pair.Server.Stats.PendingRequests);
    }
}
