using System.Text;
using System.Text.Json.Nodes;
using Bridge.Rehearsal.Text;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Text;

/// <summary>The text model: what it answers by the script, and which request it refuses by which error.</summary>
public sealed class TextRehearsalTests
{
    private const string Tools =
        """[{"type":"function","function":{"name":"show_recipe","parameters":{"type":"object","properties":{}}}}]""";

    private const string Soup = """{"role":"user","content":"soup"}""";

    private const string Calling =
        """
        {"role":"assistant","content":null,"tool_calls":[
            {"id":"c1","type":"function","function":{"name":"show_recipe","arguments":"{}"}}]}
        """;

    [Fact]
    public void Work_in_the_background_is_called_without_its_line_and_answered_by_then()
    {
        const string System = """{"role":"system","content":"You work in the background of a voice conversation."}""";
        var call = Ok($$$"""{"model":"m","messages":[{{{System}}},{{{Soup}}}],"tools":{{{Tools}}} }""")["choices"]![0]!;
        Assert.Equal("tool_calls", (string?)call["finish_reason"]);
        Assert.Null(call["message"]!["content"]);
        Assert.Equal("""{"name":"tomato soup"}""", (string?)call["message"]!["tool_calls"]![0]!["function"]!["arguments"]);

        var output = """{"role":"tool","tool_call_id":"c1","content":"{\"minutes\":25}"}""";
        var answer = Ok(
            $$$"""{"model":"m","messages":[{{{System}}},{{{Soup}}},{{{Calling}}},{{{output}}}],"tools":{{{Tools}}} }""");
        Assert.Equal("It takes 25 minutes.", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal(
            (int)answer["usage"]!["prompt_tokens"]! + (int)answer["usage"]!["completion_tokens"]!, (int)answer["usage"]!["total_tokens"]!);
    }

    [Fact]
    public void Words_that_the_voice_has_begun_to_say_are_no_answer_to_the_work()
    {
        const string System = """{"role":"system","content":"You work in the background of a voice conversation."}""";
        const string Begun = """{"role":"assistant","content":"Here is"}""";
        var call = Ok($$$"""{"model":"m","messages":[{{{System}}},{{{Soup}}},{{{Begun}}}],"tools":{{{Tools}}} }""")["choices"]![0]!;
        Assert.Equal("show_recipe", (string?)call["message"]!["tool_calls"]![0]!["function"]!["name"]);
    }

    [Fact]
    public void Instructions_without_tools_are_a_recap_and_the_outcome_is_a_forced_call()
    {
        const string System = """{"role":"system","content":"Write a recap."}""";
        var recap = Ok($$"""{"model":"m","messages":[{{System}},{{Soup}}]}""");
        Assert.StartsWith("# Recap", (string?)recap["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);

        var tool = Tools.Replace("show_recipe", RoleOutcome.Function, StringComparison.Ordinal);
        var outcome = Ok(
            $$$"""
            {"model":"m","messages":[{{{System}}},{{{Soup}}}],"tools":{{{tool}}},
                "tool_choice":{"type":"function","function":{"name":"{{{RoleOutcome.Function}}}"} } }
            """,
            Scripts.Demo with { Outcome = Scripts.Call("x", """{"sold":true}""").Arguments });
        Assert.Equal(
            """{"sold":true}""", (string?)outcome["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]);
    }

    public static TheoryData<string, int, string> Wrong => new()
    {
        { "{", 400, "null | We could not parse the JSON body of your request. | null" },
        { "[]", 400, "null | We could not parse the JSON body of your request. | null" },
        { """{"model":"m"}""", 400, "missing_required_parameter | Missing required parameter: 'messages'. | messages" },
        {
            """{"model":"m","messages":[{"role":"user","content":"a","mood":1}]}""", 400,
            "unknown_parameter | Unknown parameter: 'messages[0].mood'. | messages[0].mood"
        },
        {
            """{"model":"gpt-foo","messages":[]}""", 404,
            "model_not_found | The model 'gpt-foo' does not exist or you do not have access to it. | model"
        },
        {
            """{"model":"m","messages":[{"role":"tool","tool_call_id":"c9","content":"a"}]}""", 400,
            "null | Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. "
            + "| messages.[0].role"
        },
        {
            "{\"model\":\"m\",\"messages\":[" + Soup + "," + Calling + "," + Soup + "]}", 400,
            "null | An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
            + "The following tool_call_ids did not have response messages: c1 | messages"
        },
        {
            """{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"a b"}}]}""", 400,
            "invalid_value | Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern "
            + "'^[a-zA-Z0-9_-]+$'. | tools[0].function.name"
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_request_that_the_service_refuses_is_refused(string request, int status, string error)
    {
        var answer = Model().Chat(Encoding.UTF8.GetBytes(request), Rig.Wall);
        Assert.Equal(status, answer.Status);
        Assert.Equal(error, Error(answer));
    }

    [Theory]
    [InlineData("""{"model":"m","input":[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}]}""",
        "null | No tool output found for function call c1. | input")]
    [InlineData("""{"model":"m","input":[{"type":"function_call_output","call_id":"c1","output":"o"}]}""",
        "null | No tool call found for function call output with call_id c1. | input")]
    [InlineData("""{"model":"m","input":"a","previous_response_id":"resp_1"}""",
        "previous_response_not_found | Previous response with id 'resp_1' not found. | previous_response_id")]
    [InlineData("""{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a","x":1}]}]}""",
        "unknown_parameter | Unknown parameter: 'input[0].content[0].x'. | input[0].content[0].x")]
    public void A_responses_request_that_the_service_refuses_is_refused(string request, string error)
    {
        var answer = Model().Respond(Encoding.UTF8.GetBytes(request), Rig.Wall);
        Assert.Equal(400, answer.Status);
        Assert.Equal(error, Error(answer));
    }

    [Theory]
    [InlineData("server_error", 500)]
    [InlineData("rate_limit_exceeded", 429)]
    public void A_request_fails_as_often_as_asked(string code, int status)
    {
        var model = Model();
        model.Faults = new RehearsalFaults { FailResponses = 1, FailCode = code };
        var request = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{{Soup}}]}""");
        Assert.Equal(status, model.Chat(request, Rig.Wall).Status);
        Assert.Equal(200, model.Chat(request, Rig.Wall).Status);
    }

    [Fact]
    public void Every_truncation_and_every_changed_byte_of_a_request_is_answered()
    {
        var random = new Random(Seeds.First);
        var request = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{{Soup}},{{Calling}}],"tools":{{Tools}},"stream":true }""");
        var model = Model();
        for (var i = 0; i < request.Length; i++)
        {
            Assert.Equal(400, model.Chat(request.AsMemory(0, i), Rig.Wall).Status);
            var changed = request.ToArray();
            changed[i] = (byte)random.Next(256);
            Assert.InRange(model.Chat(changed, Rig.Wall).Status, 200, 404);
            Assert.InRange(model.Respond(changed, Rig.Wall).Status, 200, 404);
        }
    }

    private static TextRehearsal Model(RehearsalScript? script = null) =>
        new(model => model == "gpt-foo" ? null : script ?? Scripts.Demo, 7);

    private static JsonNode Ok(string request, RehearsalScript? script = null)
    {
        var answer = Model(script).Chat(Encoding.UTF8.GetBytes(request), Rig.Wall);
        Assert.True(answer.Status == 200, Encoding.UTF8.GetString(answer.Body.Span));
        return JsonNode.Parse(answer.Body.Span)!;
    }

    private static string Error(TextAnswer answer)
    {
        var error = JsonNode.Parse(answer.Body.Span)!["error"]!;
        return string.Join(" | ", new[] { "code", "message", "param" }.Select(name => (string?)error[name] ?? "null"));
    }
}
