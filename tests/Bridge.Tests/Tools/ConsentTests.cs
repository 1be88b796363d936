using Bridge.Rpc;
using Bridge.Tools;

namespace Bridge.Tests.Tools;

/// <summary>Tools that wait for the caller's word on the page: <c>confirm: page</c>.</summary>
public sealed class ConsentTests
{
    [Fact]
    public async Task A_tool_runs_once_the_caller_has_allowed_it()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        bench.Page.HandleOnce("tool/confirm", (parameters, _) =>
        {
            Assert.Equal(0, runs());
            Assert.Equal(("order", "Places your order", "ramen"), (
                parameters.GetProperty("name").GetString(), parameters.GetProperty("label").GetString(), parameters.GetProperty("arguments")
                    .GetProperty("dish").GetString()));
            return ValueTask.FromResult<object?>(new { approved = true });
        });
        var (output, failed) = await bench.Call("order", """{"dish":"ramen"}""");
        Assert.False(failed, output.GetRawText());
        Assert.Equal(1, runs());
    }

    [Theory]
    [InlineData("""{"approved":false}""")]
    [InlineData("""{"approved":"true"}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[true]")]
    public async Task What_is_no_clear_yes_is_a_no(string answer)
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        bench.Page.HandleOnce("tool/confirm", (_, _) => ValueTask.FromResult<object?>(System.Text.Json.JsonElement.Parse(answer)));
        Assert.Equal(
            "The caller did not allow order, so it was not done.", ToolBench.Error(await bench.Call("order", """{"dish":"ramen"}""")));
        Assert.Equal(0, runs());
    }

    [Fact]
    public async Task A_minute_without_an_answer_is_a_no()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        var asked = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/confirm", async (_, context) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return null;
        });
        var call = bench.Start("order", """{"dish":"ramen"}""");
        await asked.Task.InTime();
        await bench.Advance(call, TimeSpan.FromMinutes(1));
        Assert.Equal(
            "The caller did not answer within a minute whether order may be done, so it was not done.", ToolBench.Error(await call));
        Assert.Equal(0, runs());
    }

    [Fact]
    public async Task A_page_that_can_not_ask_lets_nothing_happen()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        Assert.Equal(
            "The page can't ask the caller, so order was not done.", ToolBench.Error(await bench.Call("order", """{"dish":"ramen"}""")));
        Assert.Equal(0, runs());
    }

    [Fact]
    public async Task Built_in_tools_ask_too()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("end_call", ToolTarget.Server) with { Confirm = true });
        bench.Page.HandleOnce("tool/confirm", (_, _) => ValueTask.FromResult<object?>(new { approved = false }));
        Assert.Equal(
            "The caller did not allow end_call, so it was not done.",
            ToolBench.Error(await bench.Call("end_call", """{"reason":"done"}""")));
        Assert.Empty(bench.Asked);
    }

    [Fact]
    public async Task A_yes_aloud_lets_the_tool_run_and_takes_the_question_off_the_page()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        var (asked, withdrawn) = Question(bench);
        Assert.Contains(bench.Dispatcher.Declared, tool => tool.Name == SpokenConsent.FunctionName);
        Assert.EndsWith(
            SpokenConsent.Hint, bench.Dispatcher.Declared.Single(tool => tool.Name == "order").Description, StringComparison.Ordinal);
        var order = bench.Start("order", """{"dish":"ramen"}""");
        await asked.Task.InTime();
        Assert.Equal(
            "The caller has said nothing since the page asked about order. Ask them.",
            ToolBench.Error(await bench.Call(SpokenConsent.FunctionName, """{"approved":true}""")));
        Assert.Equal(0, runs());
        bench.Dispatcher.PersonSaid();
        Assert.False((await bench.Call(SpokenConsent.FunctionName, """{"approved":true}""")).Failed);
        Assert.False((await order).Failed);
        Assert.Equal(1, runs());
        await withdrawn.Task.InTime();
        Assert.Equal(
            "The page asks the caller nothing now.",
            ToolBench.Error(await bench.Call(SpokenConsent.FunctionName, """{"approved":true}""")));
    }

    [Fact]
    public async Task A_no_aloud_is_a_no_at_once()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        var (asked, withdrawn) = Question(bench);
        var order = bench.Start("order", """{"dish":"ramen"}""");
        await asked.Task.InTime();
        Assert.False((await bench.Call(SpokenConsent.FunctionName, """{"approved":false}""")).Failed);
        Assert.Equal("The caller did not allow order, so it was not done.", ToolBench.Error(await order));
        Assert.Equal(0, runs());
        await withdrawn.Task.InTime();
    }

    [Fact]
    public async Task Of_two_questions_none_is_answered_aloud()
    {
        await using var bench = Asking(out var runs, ToolTarget.Page);
        var both = new SemaphoreSlim(0);
        bench.Page.HandleOnce("tool/confirm", async (_, context) =>
        {
            both.Release();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return null;
        });
        var calls = new[] { bench.Start("order", """{"dish":"ramen"}"""), bench.Start("order", """{"dish":"udon"}""") };
        await both.WaitAsync(TestContext.Current.CancellationToken);
        await both.WaitAsync(TestContext.Current.CancellationToken);
        bench.Dispatcher.PersonSaid();
        Assert.Equal(
            "The page asks about order and order; the caller has to answer there.",
            ToolBench.Error(await bench.Call(SpokenConsent.FunctionName, """{"approved":true}""")));
        await bench.Advance(Task.WhenAll(calls), TimeSpan.FromMinutes(1));
        Assert.Equal(0, runs());
    }

    [Fact]
    public async Task Without_a_tool_that_asks_there_is_nothing_to_answer()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("end_call", ToolTarget.Server));
        Assert.DoesNotContain(bench.Dispatcher.Declared, tool => tool.Name == SpokenConsent.FunctionName);
    }

    private static (TaskCompletionSource Asked, TaskCompletionSource Withdrawn) Question(ToolBench bench)
    {
        var (asked, withdrawn) = (new TaskCompletionSource(), new TaskCompletionSource());
        bench.Page.HandleOnce("tool/confirm", async (_, context) =>
        {
            asked.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                withdrawn.SetResult();
                throw;
            }

            return null;
        });
        return (asked, withdrawn);
    }

    private static ToolBench Asking(out Func<int> runs, ToolTarget target)
    {
        var bench = new ToolBench();
        var ran = 0;
        runs = () => Volatile.Read(ref ran);
        bench.Use(
            ToolBench.Tool("order", target, """{"type":"object","properties":{"dish":{"type":"string"}},"required":["dish"]}""") with
            {
                Confirm = true, Label = "Places your order",
            });
        bench.Page.HandleOnce("tool/call", (_, _) =>
        {
            Interlocked.Increment(ref ran);
            return ValueTask.FromResult<object?>(new { ordered = true });
        });
        return bench;
    }
}
