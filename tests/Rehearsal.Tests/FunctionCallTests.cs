using Bridge.Roles;

namespace Bridge.Rehearsal.Tests;

public sealed class FunctionCallTests
{
    [Fact]
    public void Typed_text_is_answered_by_the_first_rule_that_matches()
    {
        var rig = new Rig();

        rig.Write("THANK you").Respond().Run(20_000).Accepted();

        Assert.StartsWith(
            "You are welcome", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_without_words_begins_with_the_greeting()
    {
        var rig = new Rig();

        rig.Respond().Run(5000).Accepted();

        Assert.Equal("Hello there.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_scripted_call_is_made_and_its_output_is_spoken()
    {
        var rig = new Rig();
        rig.Update(Scripts.Tools).Write("soup please").Respond().Run(20_000);

        var call = rig.All("response.output_item.done").Last()["item"]!;
        Assert.Equal("function_call", (string)call["type"]!);
        Assert.Equal("show_recipe", (string)call["name"]!);
        Assert.Equal("""{"name":"tomato soup"}""", (string)rig.Last("response.function_call_arguments.done")["arguments"]!);
        Assert.Equal(
            (string)call["arguments"]!,
            string.Concat(rig.All("response.function_call_arguments.delta").Select(d => (string)d["delta"]!)));
        Assert.Equal(2, rig.Last("response.done")["response"]!["output"]!.AsArray().Count);

        Output(rig, (string)call["call_id"]!, """{\"minutes\":25}""").Respond().Run(20_000).Accepted();
        Assert.Equal("It takes 25 minutes.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_rule_that_repeats_calls_so_many_times_more_and_then_speaks(int repeat)
    {
        var script = Scripts.Demo with
        {
            Rules =
            [
                new RehearsalRule { When = ["next"], Calls = [Scripts.Call("step", """{"n":2}""")], Then = "Step two.", Repeat = repeat },
            ],
        };
        var rig = new Rig(script);
        rig.Update(Scripts.Tools).Write("next").Respond().Run(5000);
        for (var made = 1; made <= repeat + 1; made++)
        {
            var calls = rig.All("response.function_call_arguments.done").Select(e => (string)e["call_id"]!).ToList();
            Assert.Equal(made, calls.Distinct().Count());
            Output(rig, calls[^1], "ok").Respond().Run(5000).Accepted();
        }

        Assert.Equal(repeat + 1, rig.All("response.function_call_arguments.done").Count());
        Assert.Equal("Step two.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_rule_that_repeats_stops_when_tools_are_forbidden()
    {
        var script = Scripts.Demo with
        {
            Rules = [new RehearsalRule { When = ["next"], Calls = [Scripts.Call("step", "{}")], Then = "Step two.", Repeat = 9 }],
        };
        var rig = new Rig(script);
        rig.Update(Scripts.Tools).Write("next").Respond().Run(5000);
        Output(rig, (string)rig.Last("response.function_call_arguments.done")["call_id"]!, "ok");

        rig.Send("""{"type":"response.create","response":{"tool_choice":"none"}}""").Run(5000).Accepted();

        Assert.Single(rig.All("response.function_call_arguments.done"));
        Assert.Equal("Step two.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void Parallel_calls_are_answered_once_all_outputs_are_in()
    {
        var rig = new Rig();
        rig.Update(Scripts.Tools).Write("next").Respond().Run(5000);
        var calls = rig.All("response.output_item.done").Select(e => (string)e["item"]!["call_id"]!).ToList();
        Assert.Equal(2, calls.Count);

        foreach (var call in calls)
        {
            Output(rig, call, "ok");
        }

        rig.Respond().Run(10_000).Accepted();
        Assert.Equal("Step two.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_response_asked_for_before_all_outputs_are_in_does_not_pretend_to_know_them()
    {
        var rig = new Rig();
        rig.Update(Scripts.Tools).Write("next").Respond().Run(5000);
        var call = (string)rig.All("response.output_item.done").First()["item"]!["call_id"]!;

        Output(rig, call, "ok").Respond().Run(10_000).Accepted();

        Assert.Equal("One moment, I am still working on that.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_tool_the_session_does_not_declare_is_never_called()
    {
        var rig = new Rig();

        rig.Write("soup please").Respond().Run(20_000).Accepted();

        Assert.DoesNotContain("response.function_call_arguments.done", rig.Types);
    }

    [Fact]
    public void A_remote_server_named_twice_is_asked_once_and_its_silence_is_told()
    {
        const string Remote = "\"tools\":[{\"type\":\"mcp\",\"server_label\":\"docs\",\"server_url\":\"https://example.org/mcp\"}]";
        var rig = new Rig();

        rig.Update(Remote).Run(1000).Update(Remote).Run(1000).Accepted();

        Assert.Single(rig.All("mcp_list_tools.in_progress"));
        Assert.Equal(
            (string)rig.Last("mcp_list_tools.in_progress")["item_id"]!, (string)rig.All("mcp_list_tools.failed").Single()["item_id"]!);
        rig.Write("thank you").Respond().Run(9000).Accepted();
        Assert.Equal("completed", (string)rig.Last("response.done")["response"]!["status"]!);
    }

    [Fact]
    public void A_forced_tool_choice_makes_the_model_call()
    {
        var rig = new Rig();
        rig.Update(Scripts.Tools).Write("whatever");

        rig.Send("""{"type":"response.create","response":{"tool_choice":{"type":"function","name":"timer"}}}""").Run(5000).Accepted();

        Assert.Equal("timer", (string)rig.Last("response.function_call_arguments.done")["name"]!);
    }

    [Fact]
    public void An_output_for_a_call_nobody_made_is_refused()
    {
        var rig = new Rig();

        Output(rig, "call_x", "1");

        Assert.Equal("invalid_tool_call_id", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void A_replayed_conversation_is_continued_not_begun_again()
    {
        // What a rollover does: history, a call and its output, then the question for a reply.
        var rig = new Rig();
        rig.Update(Scripts.Tools).Write("soup please");
        rig.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Here is the soup."}]}}""");
        rig.Send("""{"type":"conversation.item.create","item":{"type":"function_call","call_id":"call_old","name":"show_recipe","arguments":"{}"}}""");
        Output(rig, "call_old", """{\"minutes\":7}""").Respond().Run(20_000).Accepted();

        Assert.Equal("It takes 7 minutes.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    private static Rig Output(Rig rig, string callId, string escaped) => rig.Send(
        $$$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{{callId}}}","output":"{{{escaped}}}"}}""");
}
