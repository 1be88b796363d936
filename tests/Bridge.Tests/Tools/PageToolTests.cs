using Bridge.Rpc;

namespace Bridge.Tests.Tools;

public sealed class PageToolTests
{
    private const string AddItem = """
        {"type":"object","properties":{"sku":{"type":"string","minLength":1},"quantity":{"type":"integer","minimum":1}},"required":["sku"],"additionalProperties":false}
        """;

    [Fact]
    public async Task A_function_of_the_page_gets_the_arguments_and_its_result_reaches_the_model()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add_item", schema: AddItem));
        bench.Page.HandleOnce("tool/call", (parameters, context) => ValueTask.FromResult<object?>(new
        {
            got = parameters.GetProperty("name").GetString(),
            sku = parameters.GetProperty("arguments").GetProperty("sku").GetString(),
            context.CallId,
        }));
        var (output, failed) = await bench.Call("add_item", """{"sku":"egg","quantity":2}""", "call_77");
        Assert.False(failed);
        Assert.Equal("""{"got":"add_item","sku":"egg","callId":"call_77"}""", output.GetRawText());
        Assert.Equal(["started", "done"], bench.Activities.Select(activity => activity.Phase));
        Assert.All(
            bench.Activities, activity => Assert.Equal(("call_77", "add_item", "page"), (activity.CallId, activity.Name, activity.Target)));
        Assert.Equal(0, bench.Dispatcher.Running);
    }

    [Fact]
    public async Task An_invalid_call_is_answered_with_the_schemas_errors_and_never_reaches_the_page()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add_item", schema: AddItem));
        bench.Page.HandleOnce("tool/call", (_, _) => throw new InvalidOperationException("must not run"));
        var (output, failed) = await bench.Call("add_item", """{"quantity":"two","colour":1}""");
        Assert.True(failed);
        Assert.Equal("The arguments do not fit add_item; nothing was done.", output.GetProperty("error").GetString());
        Assert.Equal(
            ["/quantity must be a whole number, not a string", "/colour is not known; known are sku, quantity", "/sku is missing"],
            output.GetProperty("details").EnumerateArray().Select(detail => detail.GetString()));
        Assert.Equal(0, bench.Page.Stats.MessagesReceived);
    }

    [Fact]
    public async Task A_number_in_quotes_is_read_once_and_noted_in_the_timeline()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add_item", schema: AddItem));
        bench.Page.HandleOnce("tool/call", (parameters, _) => ValueTask.FromResult<object?>(parameters.GetProperty("arguments").Clone()));
        Assert.Equal("""{"sku":"7","quantity":3}""", (await bench.Call("add_item", """{"sku":"7","quantity":"3"}""")).Output.GetRawText());
        Assert.Equal(["tool add_item: arguments: read from strings: /quantity"], bench.Timeline);

        var (refused, failed) = await bench.Call("add_item", """{"sku":"7","quantity":"0"}""");
        Assert.True(failed);
        Assert.Equal("/quantity must be a whole number, not a string", refused.GetProperty("details")[0].GetString());
    }

    [Theory]
    [InlineData("add_item", "{\"sku\":", "The arguments of add_item are no JSON; nothing was done.")]
    [InlineData("add_item", "{\"sku\":\"\\ud8\"}", "The arguments of add_item are no JSON; nothing was done.")]
    [InlineData("add_item", "[1]", "The arguments of add_item must be a JSON object; nothing was done.")]
    [InlineData("add_item", "\"x\"", "The arguments of add_item must be a JSON object; nothing was done.")]
    [InlineData("fly", "{}", "There is no tool fly. There are: add_item, stay_silent.")]
    [InlineData("ADD_ITEM", "{}", "There is no tool ADD_ITEM. There are: add_item, stay_silent.")]
    public async Task What_is_no_call_is_answered_with_a_sentence(string name, string arguments, string sentence)
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add_item", schema: AddItem), ToolBench.Tool("stay_silent", ToolTarget.Server));
        Assert.Equal(sentence, ToolBench.Error(await bench.Call(name, arguments)));
    }

    [Theory]
    [InlineData("Fine \\ud83d", "Fine \uFFFD")]
    [InlineData("\\ude00\\ud83d\\ude00\\ud83d", "\uFFFD\U0001F600\uFFFD")]
    [InlineData("\\\\ud83d \\n\\u00e9", "\\ud83d \n\u00E9")]
    public async Task Half_an_emoji_in_an_argument_is_read_as_the_replacement_character(string written, string read)
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("note"));
        string? seen = null;
        bench.Page.HandleOnce("tool/call", (parameters, _) =>
        {
            seen = parameters.GetProperty("arguments").GetProperty("text").GetString();
            return ValueTask.FromResult<object?>(true);
        });
        await bench.Call("note", $$"""{"text":"{{written}}"}""");
        Assert.Equal(read, seen);
    }

    [Fact]
    public async Task Arguments_that_nest_without_end_are_refused()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("open"));
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5_000)) + "1" + new string('}', 5_000);
        Assert.Contains("no JSON", ToolBench.Error(await bench.Call("open", deep)));
    }

    [Fact]
    public async Task A_page_function_that_throws_ends_in_its_message()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("broken"));
        bench.Page.HandleOnce(
            "tool/call", (_, _) => throw new InvalidOperationException("Cannot read properties of undefined (reading 'price')"));
        Assert.Equal("broken failed: Cannot read properties of undefined (reading 'price')", ToolBench.Error(await bench.Call("broken")));
        Assert.Equal(["started", "failed"], bench.Activities.Select(activity => activity.Phase));
        Assert.Equal("broken failed: Cannot read properties of undefined (reading 'price')", bench.Activities.Last().Message);
    }

    [Fact]
    public async Task A_page_function_that_never_answers_ends_at_its_timeout()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("slow") with { Timeout = TimeSpan.FromSeconds(5) });
        var started = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/call", async (_, context) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return null;
        });
        var call = bench.Start("slow", "{}");
        await started.Task.InTime();
        await bench.Advance(call, TimeSpan.FromSeconds(5));
        Assert.Equal("It is unknown whether slow was done: it did not answer within 5 seconds.", ToolBench.Error(await call));
    }

    [Fact]
    public async Task Of_a_page_that_is_dead_nobody_knows_whether_it_did_it()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("slow") with { Timeout = TimeSpan.FromSeconds(60) });
        bench.Link.Page.Detach(); // it takes everything and says nothing
        bench.Page.HandleOnce("tool/call", async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return null;
        });
        var call = bench.Start("slow", "{}");
        await bench.Advance(call, TimeSpan.FromSeconds(8));
        Assert.Equal("It is unknown whether slow was done: the page does not answer.", ToolBench.Error(await call));
    }

    [Fact]
    public async Task A_page_without_the_function_says_so()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("gone"));
        Assert.Equal("The page has no function gone.", ToolBench.Error(await bench.Call("gone")));
    }

    [Fact]
    public async Task A_megabyte_from_the_page_ends_in_a_clear_message()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("everything"));
        bench.Page.HandleOnce("tool/call", (_, _) => ValueTask.FromResult<object?>(new string('x', 1 << 20)));
        Assert.StartsWith("everything ended, but: The result is 10486", ToolBench.Error(await bench.Call("everything")));
    }

    [Fact]
    public async Task A_result_longer_than_the_model_should_read_is_cut_visibly()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("much"));
        bench.Page.HandleOnce("tool/call", (_, _) => ValueTask.FromResult<object?>(string.Concat(Enumerable.Repeat("é", 60_000))));
        var (output, failed) = await bench.Call("much");
        Assert.False(failed);
        Assert.True(output.GetProperty("cut").GetBoolean());
        Assert.Equal(120_002, output.GetProperty("bytes").GetInt32());
        Assert.StartsWith("The result of much is 120002 bytes, too long to read.", output.GetProperty("message").GetString());
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(output.GetRawText()), 10_000, 45_000);
    }

    [Fact]
    public async Task Progress_reaches_the_page_and_the_model_when_the_role_asks_for_it()
    {
        await using var bench = new ToolBench();
        bench.Use(
            ToolBench.Tool("find") with { Progress = ToolProgress.Model },
            ToolBench.Tool("quiet") with { Progress = ToolProgress.Page },
            ToolBench.Tool("mute") with { Progress = ToolProgress.None });
        bench.Page.HandleOnce("tool/call", (_, context) =>
        {
            context.Report(new { kind = "report", message = "still looking", percentage = 40 });
            context.Report(new { kind = "report", message = "right after, too soon to repeat" });
            return ValueTask.FromResult<object?>(context.WantsProgress);
        });
        Assert.True((await bench.Call("find")).Output.GetBoolean());
        Assert.Equal(["still looking"], bench.Told);
        var shown = Assert.Single(bench.Activities, activity => activity.Phase == "progress");
        Assert.Equal(("find", "still looking", 40.0), (shown.Name, shown.Message, shown.Percentage));

        Assert.True((await bench.Call("quiet")).Output.GetBoolean());
        Assert.Single(bench.Told);
        Assert.Equal(2, bench.Activities.Count(activity => activity.Phase == "progress"));

        Assert.False((await bench.Call("mute")).Output.GetBoolean());
        Assert.Equal(2, bench.Activities.Count(activity => activity.Phase == "progress"));
    }

    [Fact]
    public async Task A_cancelled_call_aborts_the_page_function_and_is_not_completed()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("slow"));
        var started = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/call", async (_, context) =>
        {
            context.CancellationToken.Register(aborted.SetResult);
            started.SetResult();
            await aborted.Task;
            return null;
        });
        var call = bench.Start("slow", "{}", "call_9");
        await started.Task.InTime();
        Assert.True(bench.Dispatcher.Cancel("call_9"));
        await aborted.Task.InTime();
        await bench.Phase("cancelled");
        Assert.False(call.IsCompleted);
        Assert.False(bench.Dispatcher.Cancel("call_9"));
    }

    [Fact]
    public async Task A_function_that_its_page_cancelled_has_been_cancelled_and_did_not_fail()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("slow"));
        bench.Page.HandleOnce("tool/call", (_, _) => throw new RpcException(RpcErrorCode.Cancelled, "The call was cancelled."));
        var call = bench.Start("slow", "{}", "call_9");
        await bench.Phase("cancelled");
        while (bench.Dispatcher.Running > 0 || bench.Asked.IsEmpty)
        {
            await Task.Yield();
        }

        Assert.Equal(["cancelled call_9"], bench.Asked);
        Assert.DoesNotContain(bench.Activities, activity => activity.Phase is "failed" or "done");
        Assert.False(call.IsCompleted);
    }

    [Fact]
    public async Task Parallel_calls_run_at_the_same_time_and_too_many_are_refused()
    {
        await using var bench = new ToolBench(new Bridge.Tools.ToolOptions { MaxRunning = 4 });
        bench.Use(ToolBench.Tool("meet"));
        var together = new TaskCompletionSource();
        var present = 0;
        bench.Page.HandleOnce("tool/call", async (_, _) =>
        {
            if (Interlocked.Increment(ref present) == 4)
            {
                together.SetResult();
            }

            await together.Task;
            return "met";
        });
        var calls = Enumerable.Range(0, 3).Select(_ => bench.Start("meet", "{}")).ToList();
        while (Volatile.Read(ref present) < 3)
        {
            await Task.Yield();
        }

        // Three wait for the fourth: they can only end if they run beside each other.
        calls.Add(bench.Start("meet", "{}"));
        Assert.All(await Task.WhenAll(calls).InTime(), result => Assert.False(result.Failed));

        var never = new TaskCompletionSource();
        var held = 0;
        bench.Page.HandleOnce("tool/call", async (_, _) =>
        {
            Interlocked.Increment(ref held);
            await never.Task;
            return null;
        });
        var holding = Enumerable.Range(0, 4).Select(_ => bench.Start("meet", "{}")).ToArray();
        while (Volatile.Read(ref held) < 4)
        {
            await Task.Yield();
        }

        Assert.StartsWith("4 tools are running already.", ToolBench.Error(await bench.Call("meet")));
        never.SetResult();
        await Task.WhenAll(holding).InTime();
    }

    [Fact]
    public async Task A_call_outlives_the_channel_and_runs_once()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add"));
        var runs = 0;
        var go = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/call", async (_, _) =>
        {
            Interlocked.Increment(ref runs);
            started.TrySetResult();
            await go.Task;
            return runs;
        });
        var call = bench.Start("add", "{}");
        await started.Task.InTime();
        bench.Link.Cut();
        go.SetResult();
        bench.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.False(call.IsCompleted);
        bench.Link.Connect();
        Assert.Equal("1", (await call.InTime()).Output.GetRawText());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Tools_that_the_page_registers_join_the_roles_and_never_replace_them()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("add_item", schema: AddItem));
        Assert.True(bench.Dispatcher.RegisterPageTools([ToolBench.Tool("wave"), ToolBench.Tool("add_item")]));
        Assert.Equal(["add_item", "wave"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Undefined, bench.Dispatcher.Declared[0].Parameters.ValueKind);
        Assert.False(bench.Dispatcher.RegisterPageTools([ToolBench.Tool("wave"), ToolBench.Tool("add_item")]));

        bench.Use(ToolBench.Tool("other"), ToolBench.Tool("unusable", schema: """{"$ref":"https://example.com/x"}"""));
        Assert.Equal(["other", "wave", "add_item"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        Assert.Contains("tool_schema: unusable is left out: #/$ref refers outside of the schema; only #/... is supported.", bench.Problems);
        Assert.Equal(["unusable"], bench.Dispatcher.Refused.Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_page_tool_that_can_not_be_used_costs_itself_alone_and_is_told_once()
    {
        await using var bench = new ToolBench();
        var bad = ToolBench.Tool("set_mood", schema: """{"type":"object","properties":{"mood":{"pattern":"\\p{Nonsense}"}}}""");
        Assert.True(
            bench.Dispatcher.RegisterPageTools([ToolBench.Tool("wave"), bad, ToolBench.Tool("sing", schema: """{"type":"string"}""")]));
        Assert.Equal(["wave"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        string[] refused =
        [
            @"set_mood is left out: #/properties/mood/pattern names a property that is not known here, Nonsense: \p{Nonsense}.",
            "sing is left out: #/type must be object: the arguments of a function are one.",
        ];
        Assert.Equal(refused, bench.Dispatcher.Refused.Select(tool => tool.Message));
        Assert.Equal(refused.Select(sentence => $"tool_schema: {sentence}"), bench.Problems);

        // The page says hello again on every channel: the log does not repeat itself, and a tool that was mended joins.
        Assert.False(
            bench.Dispatcher.RegisterPageTools([ToolBench.Tool("wave"), bad, ToolBench.Tool("sing", schema: """{"type":"string"}""")]));
        Assert.Equal(2, bench.Problems.Count);
        Assert.True(bench.Dispatcher.RegisterPageTools([ToolBench.Tool("wave"), ToolBench.Tool("set_mood"), ToolBench.Tool("sing")]));
        Assert.Equal(["wave", "set_mood", "sing"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        Assert.Empty(bench.Dispatcher.Refused);
    }

    [Fact]
    public async Task A_schema_goes_to_the_model_in_the_form_that_the_service_takes_and_arguments_are_held_to_the_original()
    {
        await using var bench = new ToolBench();
        bench.Use(
            ToolBench.Tool(
                "pick",
                schema: """{"anyOf":[{"required":["a"],"properties":{"a":{"type":"array"}}},{"required":["b"],"properties":{"b":{}}}]}"""));
        Assert.Equal(
            """{"properties":{"a":{"type":"array","items":{}},"b":{}},"type":"object"}""",
            bench.Dispatcher.Declared[0].Parameters.GetRawText());
        Assert.Contains("is missing", (await bench.Start("pick", "{}").InTime()).Output.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_id_that_runs_already_is_not_started_again()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("slow"));
        var runs = 0;
        var go = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/call", async (_, _) =>
        {
            Interlocked.Increment(ref runs);
            await go.Task;
            return null;
        });
        var call = bench.Start("slow", "{}", "call_1");
        await bench.Phase("started");
        bench.Dispatcher.Invoke("call_1", "slow", "{}");
        Assert.Contains("tool_duplicate: slow was called twice with one call_id.", bench.Problems);
        go.SetResult();
        await call.InTime();
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Function_calls_hold_what_their_results_may_come_to_and_give_it_back()
    {
        await using var bench = new ToolBench { Room = 3 << 20 };
        bench.Use(ToolBench.Tool("slow"), ToolBench.Tool("wait", ToolTarget.Server));
        var hold = new TaskCompletionSource();
        bench.Page.HandleOnce("tool/call", async (_, _) =>
        {
            await hold.Task;
            return new { };
        });
        var slow = bench.Start("slow", "{}");
        await bench.Phase("started");
        Assert.Equal("This call holds as much as it may in memory; wait was not called.", ToolBench.Error(await bench.Call("wait")));
        hold.SetResult();
        Assert.False((await slow.InTime()).Failed);
        Assert.Equal(0, bench.Held);
        Assert.False((await bench.Call("wait")).Failed);
    }
}
