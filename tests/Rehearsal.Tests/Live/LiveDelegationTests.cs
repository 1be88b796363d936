using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>Delegation: to the client by an id alone, to a Responses backend by nested events.</summary>
public sealed class LiveDelegationTests
{
    private static readonly RehearsalScript Twice = Scripts.Demo with
    {
        Rules =
        [
            new RehearsalRule
            {
                When = ["soup"],
                Calls = [Scripts.Call("show_recipe", """{"name":"a"}"""), Scripts.Call("show_recipe", """{"name":"b"}""")],
                Then = "Both are there.",
            },
        ],
    };

    [Fact]
    public void Work_for_the_client_is_an_id_and_its_result_is_spoken_word_for_word()
    {
        var rig = LiveRig.Started().Forget();
        rig.Say().Accepted();

        var created = rig.Last("session.delegation.created");
        Assert.Equal("client", (string?)created["delegation"]!["target"]);
        Assert.Equal(["id", "type", "target"], created["delegation"]!.AsObject().Select(field => field.Key));
        Assert.Equal(0, (long)created["offset_ms"]! % 200);
        Assert.StartsWith("Here is the soup.", rig.Quiet(2000).Said, StringComparison.Ordinal);

        var id = (string)created["delegation"]!["id"]!;
        rig.Forget().Append("thinking", "Looking.", id).Append("commentary", "It takes 25 minutes.", id).Quiet(4000).Accepted();
        Assert.Equal("It takes 25 minutes.", rig.Said);
    }

    [Fact]
    public void An_acknowledgement_waits_its_delay_and_an_append_makes_it_superfluous()
    {
        var rig = LiveRig.Started(",\"delegation\":{\"type\":\"client\",\"acknowledgement_delay_ms\":3000}").Forget();
        rig.Say();
        var id = (string)rig.Last("session.delegation.created")["delegation"]!["id"]!;
        Assert.Empty(rig.Quiet(1000).Said);
        rig.Append("thinking", "Looking.", id).Quiet(6000);
        Assert.Empty(rig.Said);

        rig = LiveRig.Started(",\"delegation\":{\"type\":\"client\",\"acknowledgement_delay_ms\":3000}").Forget();
        Assert.Equal("Here is the soup.", rig.Say().Quiet(6000).Said);
    }

    [Theory]
    [InlineData("response.create", "")]
    [InlineData("response.item.create", ",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"o\"}")]
    public void The_backends_commands_need_a_backend(string type, string fields)
    {
        var rig = LiveRig.Started();
        rig.Send($$"""{"type":"{{type}}","event_id":"e1"{{fields}}}""");
        Assert.Equal($"null | {type} requires Responses delegation. | type | e1", rig.Error());
    }

    [Fact]
    public void A_decision_needs_decisions_delegation()
    {
        var rig = LiveRig.Started();
        rig.Send("""{"type":"decision.create","event_id":"e1"}""");
        Assert.Equal("null | decision.create requires Decisions delegation. | type | e1", rig.Error());
    }

    [Fact]
    public void A_function_call_is_seen_three_times_and_its_output_is_spoken()
    {
        var rig = LiveRig.WithBackend().Forget();
        rig.Say().Quiet(2500).Accepted();

        Assert.Equal("Here is the soup.", rig.Said);
        var created = rig.Last("session.delegation.created")["delegation"]!;
        Assert.Equal("responses", (string?)created["target"]);
        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ],
            rig.All("response.event").Select(e => (string)e["event"]!["type"]!).Where((type, i) => !Repeated(rig, type, i)));
        Assert.All(rig.All("response.event"), e => Assert.Equal((string?)created["id"], (string?)e["delegation_id"]));
        Assert.Equal(
            Enumerable.Range(0, rig.All("response.event").Count()),
            rig.All("response.event").Select(e => (int)e["event"]!["sequence_number"]!));

        var items = rig.Nested("response.output_item.done").Select(e => e["item"]!).ToList();
        Assert.Equal(["reasoning", "function_call"], items.Select(item => (string)item["type"]!));
        Assert.Equal("""{"name":"tomato soup"}""", (string?)items[1]["arguments"]);
        Assert.Equal("", (string?)rig.Nested("response.output_item.added").Last()["item"]!["arguments"]);
        Assert.Equal("""{"name":"tomato soup"}""", (string?)rig.Nested("response.function_call_arguments.done").Single()["arguments"]);
        var completed = rig.Nested("response.completed").Single()["response"]!;
        Assert.Equal((string?)created["response_id"], (string?)completed["id"]);
        Assert.Equal("[] [] ", $"{completed["output"]!.ToJsonString()} {completed["tools"]!.ToJsonString()} {completed["instructions"]}");
        Assert.False(completed.AsObject().ContainsKey("input"));
        Assert.True((int)completed["usage"]!["input_tokens"]! > 0);
        Assert.Equal(
            (int)completed["usage"]!["input_tokens"]! + (int)completed["usage"]!["output_tokens"]!,
            (int)completed["usage"]!["total_tokens"]!);

        rig.Forget().Send("""{"type":"response.create","event_id":"early"}""");
        Assert.Equal(
            "function_call_outputs_required | Submit the pending function call outputs before response.create. | - | early", rig.Error());

        Output(rig.Forget(), (string)items[1]["call_id"]!, """{"minutes":25}""");
        Assert.Empty(rig.Events);
        rig.Send("""{"type":"response.create"}""").Quiet(4000).Accepted();

        Assert.Equal("It takes 25 minutes.", rig.Said);
        Assert.Equal("It takes 25 minutes.", (string?)rig.Nested("response.output_text.done").Single()["text"]);
        Assert.Equal((string?)created["id"], (string?)rig.All("response.event").First()["delegation_id"]);
        Assert.Equal((string?)completed["id"], (string?)rig.Nested("response.created").Single()["response"]!["previous_response_id"]);
        Assert.DoesNotContain("session.delegation.created", rig.Types);
    }

    [Fact]
    public void Two_calls_need_two_outputs_and_each_is_taken_once()
    {
        var rig = LiveRig.WithBackend(Twice).Forget();
        rig.Say().Quiet(500);
        var calls = Calls(rig);
        Assert.Equal(2, calls.Distinct().Count());

        Output(rig, calls[1], "done");
        rig.Send("""{"type":"response.create"}""");
        Assert.StartsWith("function_call_outputs_required", rig.Error(), StringComparison.Ordinal);
        Output(rig, calls[1], "again");
        Assert.Equal(
            $"null | No tool call found for function call output with call_id {calls[1]}. | item.call_id | o1", rig.Error());
        rig.Forget();
        Output(rig, calls[0], "done");
        rig.Send("""{"type":"response.create"}""").Quiet(3000).Accepted();
        Assert.Equal("Both are there.", rig.Said);
    }

    [Fact]
    public void A_question_asked_while_a_call_is_open_waits_for_the_chain()
    {
        var script = Twice with { Hears = ["the soup"] };
        var rig = LiveRig.WithBackend(script).Forget();
        rig.Say().Say();
        Assert.Single(rig.All("session.delegation.created"));

        foreach (var call in Calls(rig))
        {
            Output(rig, call, "done");
        }

        rig.Send("""{"type":"response.create"}""").Quiet(1000).Accepted();
        Assert.Equal(2, rig.All("session.delegation.created").Count());
    }

    [Fact]
    public void Typed_words_go_to_the_backend_by_an_item()
    {
        var rig = LiveRig.WithBackend().Forget();
        rig.Send(
            """
            {"type":"response.item.create","item":{"type":"message","role":"user",
                "content":[{"type":"input_text","text":"thank you"}]}}
            """);
        Assert.Empty(rig.Events);
        rig.Send("""{"type":"response.create"}""").Quiet(6000).Accepted();
        Assert.Equal("You are welcome, any time you like to cook again.", rig.Said);
        Assert.All(rig.All("response.event"), e => Assert.False(e.ContainsKey("delegation_id")));
    }

    [Fact]
    public void A_second_response_while_one_runs_is_refused()
    {
        var rig = LiveRig.WithBackend();
        rig.Send("""{"type":"response.create"}""").Send("""{"type":"response.create","event_id":"e2"}""");
        Assert.Equal("null | A delegated response is already in progress. | type | e2", rig.Error());
    }

    [Theory]
    [InlineData(128, 1)]
    [InlineData(15, 2000)]
    public void The_buffer_of_items_is_bounded(int fits, int characters)
    {
        var rig = LiveRig.WithBackend();
        var text = new string('a', characters);
        var item = $$$"""{"type":"response.item.create","event_id":"i1","item":{"role":"user","content":"{{{text}}}"}}""";
        for (var i = 0; i < fits; i++)
        {
            rig.Send(item);
        }

        rig.Accepted();
        for (var i = 0; i < 2; i++)
        {
            rig.Send(item);
        }

        Assert.Equal(
            "response_input_buffer_full | At most 128 items and 32768 bytes can wait for response.create. | item | i1", rig.Error());
        rig.Forget().Send("""{"type":"response.create"}""").Run(500).Send(item).Accepted();
    }

    [Fact]
    public void An_output_that_does_not_fit_leaves_its_call_open()
    {
        var rig = LiveRig.WithBackend().Forget();
        rig.Say().Quiet(500);
        Output(rig, Calls(rig).Single(), new string('a', 33_000));
        Assert.StartsWith("response_input_buffer_full", rig.Error(), StringComparison.Ordinal);
        rig.Send("""{"type":"response.create"}""");
        Assert.StartsWith("function_call_outputs_required", rig.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_with_a_field_too_many_is_refused_at_any_depth()
    {
        var rig = LiveRig.WithBackend();
        rig.Send(
            """
            {"type":"response.item.create","event_id":"i1","item":{"type":"message","role":"user",
                "content":[{"type":"input_text","text":"a","x":1}]}}
            """);
        Assert.Equal("unknown_parameter | Unknown parameter: 'item.content[0].x'. | item.content[0].x | i1", rig.Error());
    }

    [Fact]
    public void A_failed_response_says_so_and_nothing_is_spoken()
    {
        var rig = LiveRig.WithBackend(faults: new RehearsalFaults { FailResponses = 1, FailCode = "rate_limit_exceeded" }).Forget();
        rig.Say().Quiet(2500);
        var failed = rig.Nested("response.failed").Single()["response"]!;
        Assert.Equal("failed rate_limit_exceeded", $"{failed["status"]} {failed["error"]!["code"]}");
        Assert.Empty(rig.Nested("response.completed"));
        rig.Send("""{"type":"response.create"}""").Quiet(500).Accepted();
        Assert.Single(Calls(rig));
    }

    private static bool Repeated(LiveRig rig, string type, int index) =>
        index > 0 && type.EndsWith(".delta", StringComparison.Ordinal)
        && (string)rig.All("response.event").ElementAt(index - 1)["event"]!["type"]! == type;

    private static List<string> Calls(LiveRig rig) => rig.Nested("response.output_item.done")
        .Where(e => (string)e["item"]!["type"]! == "function_call").Select(e => (string)e["item"]!["call_id"]!).ToList();

    private static void Output(LiveRig rig, string callId, string output) => rig.Send(JsonSerializer.Serialize(
        new JsonObject
        {
            ["type"] = "response.item.create",
            ["event_id"] = "o1",
            ["item"] = new JsonObject { ["type"] = "function_call_output", ["call_id"] = callId, ["output"] = output },
        }));
}
