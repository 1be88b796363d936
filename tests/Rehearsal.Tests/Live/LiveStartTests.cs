using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>The start of a Live session: the errors by which <c>session.start</c> and <c>session.update</c> refuse.</summary>
public sealed class LiveStartTests
{
    private const string Function =
        """{"type":"function","name":"f","parameters":{"type":"object","properties":{}}}""";

    [Fact]
    public void A_session_starts_after_its_first_event_and_not_before()
    {
        var rig = new LiveRig();
        rig.Run(5000);
        Assert.Empty(rig.Events);

        rig.Start(",\"instructions\":\"Be brief.\"").Run(290);
        Assert.Empty(rig.Events);
        rig.Run(20);

        var started = rig.Last("session.started");
        Assert.Equal("start", (string)started["client_event_id"]!);
        var session = (JsonObject)started["session"]!;
        Assert.StartsWith("live_", (string)session["id"]!, StringComparison.Ordinal);
        Assert.Equal("active", (string)session["status"]!);
        Assert.Equal("Be brief.", (string)session["instructions"]!);
        Assert.Equal("""{"format":{"type":"audio/pcm","rate":24000},"output":{"voice":"marin"}}""", session["audio"]!.ToJsonString());
        Assert.Equal("""{"type":"client"}""", session["delegation"]!.ToJsonString());
        Assert.Equal("[]", session["input"]!.ToJsonString());
        var start = Rig.Wall + TimeSpan.FromMilliseconds(5300);
        Assert.Equal((start + TimeSpan.FromHours(2)).ToUnixTimeSeconds(), (long)session["expires_at"]!);
    }

    [Fact]
    public void Anything_before_session_start_is_an_error()
    {
        var rig = new LiveRig();
        rig.Send("""{"type":"session.close","event_id":"e1"}""");
        Assert.Equal("null | The first event of a Live session must be session.start. | type | e1", rig.Error());

        rig.Audio(new byte[960]);
        Assert.Equal("null | The first event of a Live session must be session.start. | type | -", rig.Error());
        Assert.Null(rig.End);
    }

    [Fact]
    public void Audio_before_session_started_is_lost_and_a_command_is_an_error()
    {
        var rig = new LiveRig();
        rig.Start().Audio(new byte[48_000]).Append("commentary", "Hello.");
        Assert.Equal("null | The Live session has not started yet: wait for session.started. | type | a1", rig.Error());

        rig.Run(400);

        Assert.Empty(rig.Output);
        Assert.Single(rig.All("session.started"));
    }

    [Fact]
    public void A_second_start_is_an_error()
    {
        var rig = LiveRig.Started().Start();
        Assert.Equal("null | The Live session has already started. | type | start", rig.Error());
    }

    public static TheoryData<string, string> WrongStarts => new()
    {
        { ",\"speed\":1", "unknown_parameter | Unknown parameter: 'session.speed'. | session.speed | start" },
        { ",\"audio\":{\"input\":{}}", "unknown_parameter | Unknown parameter: 'session.audio.input'. | session.audio.input | start" },
        {
            ",\"audio\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":24000,\"channels\":1}}",
            "unknown_parameter | Unknown parameter: 'session.audio.format.channels'. | session.audio.format.channels | start"
        },
        {
            ",\"input\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\",\"lang\":\"en\"}]}]",
            "unknown_parameter | Unknown parameter: 'session.input[0].content[0].lang'. | session.input[0].content[0].lang | start"
        },
        {
            ",\"delegation\":{\"type\":\"responses\",\"responses\":{\"model\":\"m\",\"temperature\":1}}",
            "unknown_parameter | Unknown parameter: 'session.delegation.responses.temperature'. "
            + "| session.delegation.responses.temperature | start"
        },
        {
            ",\"delegation\":{\"type\":\"responses\",\"responses\":{\"model\":\"m\",\"tools\":["
            + "{\"type\":\"function\",\"name\":\"f\",\"x\":1}]}}",
            "unknown_parameter | Unknown parameter: 'session.delegation.responses.tools[0].x'. "
            + "| session.delegation.responses.tools[0].x | start"
        },
        { ",\"delegation\":{\"type\":\"responses\"}", Missing("session.delegation.responses") },
        { ",\"delegation\":{\"type\":\"responses\",\"responses\":{}}", Missing("session.delegation.responses.model") },
        {
            ",\"delegation\":{\"type\":\"decisions\",\"decisions\":{\"model\":\"m\",\"questions\":[]}}",
            "invalid_value | The rehearsal model does not play Decisions delegation. | session.delegation.type | start"
        },
        {
            ",\"instructions\":7",
            "invalid_type | Invalid type for 'session.instructions': expected a string or null, but got an integer instead. "
            + "| session.instructions | start"
        },
        {
            ",\"audio\":{\"output\":{\"voice\":\"nova\"}}",
            "forbidden | The voice 'nova' is not available to Live sessions. | session.audio.output.voice | start"
        },
        {
            ",\"input\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"},{\"text\":\"b\"}]}]",
            "invalid_value | Invalid 'session.input[0].content': expected exactly one content part, but got 2. "
            + "| session.input[0].content | start"
        },
        {
            ",\"input\":[" + string.Join(',', Enumerable.Repeat("{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}", 129)) + "]",
            "array_above_max_length | Invalid 'session.input': array too long. Expected an array with maximum length 128, but got an "
            + "array with length 129 instead. | session.input | start"
        },
        {
            ",\"input\":[{\"role\":\"user\",\"content\":[{\"text\":\"" + new string('a', 33_000) + "\"}]}]",
            "invalid_value | Session input must not exceed 8192 tokens. | session.input | start"
        },
        {
            ",\"instructions\":\"" + new string('a', 66_000) + "\"",
            "invalid_value | Session instructions must not exceed 16384 tokens. | session.instructions | start"
        },
    };

    [Theory]
    [MemberData(nameof(WrongStarts))]
    public void A_start_that_the_service_refuses_is_refused(string fields, string error)
    {
        var rig = new LiveRig();
        rig.Start(fields).Run(2000);

        Assert.Equal(error, rig.Error());
        Assert.DoesNotContain("session.started", rig.Types);

        // The connection stays, and a correct start goes on.
        rig.Start().Run(400);
        Assert.Contains("session.started", rig.Types);
    }

    [Theory]
    [InlineData(",\"audio\":{\"output\":{\"voice\":\"robot\"}}", "Invalid value: 'robot'. Supported values are: 'alloy', 'ash'")]
    [InlineData(",\"audio\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":48000}}", "Invalid value: '48000'. Supported values are:")]
    [InlineData(",\"audio\":{\"format\":{\"type\":\"audio/pcmu\",\"rate\":16000}}", "Invalid value: '16000'. Supported values are: '8000'")]
    [InlineData(",\"audio\":{\"format\":{\"type\":\"audio/opus\",\"rate\":48000}}", "Invalid value: 'audio/opus'. Supported values are:")]
    [InlineData(",\"input\":[{\"role\":\"system\",\"content\":[{\"text\":\"a\"}]}]", "Invalid value: 'system'. Supported values are:")]
    [InlineData(",\"delegation\":{\"type\":\"server\"}", "Invalid value: 'server'. Supported values are:")]
    public void A_value_outside_its_list_is_refused_with_the_list(string fields, string message)
    {
        var rig = new LiveRig();
        rig.Start(fields).Run(2000);

        Assert.StartsWith("invalid_value | " + message, rig.Error(), StringComparison.Ordinal);
        Assert.DoesNotContain("session.started", rig.Types);
    }

    [Fact]
    public void An_unknown_model_is_refused()
    {
        var rig = new LiveRig();
        rig.Start(model: "gpt-foo");
        Assert.Equal(
            "model_not_found | The model 'gpt-foo' does not exist or you do not have access to it. | session.model | start", rig.Error());

        rig.Start(model: "gpt-realtime");
        Assert.StartsWith("model_not_found | The model 'gpt-realtime'", rig.Error(), StringComparison.Ordinal);

        rig.Start(model: "gpt-live-1.1").Run(400);
        Assert.Equal("gpt-live-1.1", (string)rig.Last("session.started")["session"]!["model"]!);
    }

    [Fact]
    public void An_event_that_does_not_exist_is_refused_with_those_that_do()
    {
        var rig = LiveRig.Started();
        rig.Send("""{"type":"session.input_audio.commit","event_id":"e1"}""");
        Assert.StartsWith(
            "invalid_value | Invalid value: 'session.input_audio.commit'. Supported values are: 'session.start', 'session.update'",
            rig.Error(), StringComparison.Ordinal);

        rig.Send("""{"type":"session.close","event_id":"e2","now":true}""");
        Assert.Equal("unknown_parameter | Unknown parameter: 'now'. | now | e2", rig.Error());

        rig.Send("{");
        Assert.Equal("invalid_json | The event could not be parsed as a JSON object. | - | -", rig.Error());
    }

    [Fact]
    public void A_history_is_shown_and_delays_the_start()
    {
        var message =
            """
            {"type":"message","role":"assistant","status":"completed","id":"m1","content":[{"type":"output_text","text":"Hi."}]}
            """;
        var rig = new LiveRig();
        rig.Start(",\"input\":[" + string.Join(',', Enumerable.Repeat(message, 128)) + "]").Run(1190);
        Assert.Empty(rig.Events);
        rig.Run(20);
        Assert.Equal(128, rig.Last("session.started")["session"]!["input"]!.AsArray().Count);
    }

    [Fact]
    public void An_update_changes_the_backend_and_keeps_what_it_does_not_name()
    {
        var rig = LiveRig.WithBackend();
        rig.Send(
            """
            {"type":"session.update","event_id":"u1","session":{"delegation":{"type":"responses","acknowledgement_delay_ms":500,
                "responses":{"instructions":"New."}},"triggers":[]}}
            """);

        var session = rig.Accepted().Last("session.updated")["session"]!;
        Assert.Equal("gpt-5.5", (string)session["delegation"]!["responses"]!["model"]!);
        Assert.Equal("New.", (string)session["delegation"]!["responses"]!["instructions"]!);
        Assert.Equal("show_recipe", (string)session["delegation"]!["responses"]!["tools"]![0]!["name"]!);
        Assert.Equal(500, (double)session["delegation"]!["acknowledgement_delay_ms"]!);
        Assert.Equal("[]", session["triggers"]!.ToJsonString());
    }

    [Theory]
    [InlineData("\"instructions\":\"x\"", "unknown_parameter | Unknown parameter: 'session.instructions'. | session.instructions | u1")]
    [InlineData("\"model\":\"gpt-live-1\"", "unknown_parameter | Unknown parameter: 'session.model'. | session.model | u1")]
    [InlineData("\"audio\":{}", "unknown_parameter | Unknown parameter: 'session.audio'. | session.audio | u1")]
    [InlineData(
        "\"delegation\":{\"type\":\"client\"}",
        "immutable_field_update | The delegation type of a Live session cannot change. | session.delegation.type | u1")]
    [InlineData(
        "\"delegation\":null",
        "immutable_field_update | The delegation type of a Live session cannot change. | session.delegation.type | u1")]
    public void An_update_of_anything_else_is_refused(string fields, string error)
    {
        var rig = LiveRig.WithBackend();
        rig.Send("{\"type\":\"session.update\",\"event_id\":\"u1\",\"session\":{" + fields + "}}");
        Assert.Equal(error, rig.Error());
        Assert.DoesNotContain("session.updated", rig.Types);
    }

    [Theory]
    [InlineData("parameters", "[]")]
    [InlineData("name", "\"a b\"")]
    public void A_function_that_a_backend_cannot_call_is_refused(string field, string value)
    {
        var tool = JsonNode.Parse(Function)!;
        tool[field] = JsonNode.Parse(value);
        var rig = new LiveRig();
        rig.Start(",\"delegation\":{\"type\":\"responses\",\"responses\":{\"model\":\"m\",\"tools\":[" + tool.ToJsonString() + "]}}");
        Assert.Contains($"session.delegation.responses.tools[0].{field}", rig.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hosted_tool_keeps_its_settings()
    {
        var rig = LiveRig.Started(
            """
            ,"delegation":{"type":"responses","responses":{"model":"m","tools":[
                {"type":"mcp","server_label":"s","server_url":"https://x"}]}}
            """);
        var backend = rig.Accepted().Last("session.started")["session"]!["delegation"]!["responses"]!;
        Assert.Equal("s", (string)backend["tools"]![0]!["server_label"]!);
    }

    [Fact]
    public void Answers_bring_the_commands_id_every_second_time()
    {
        var rig = LiveRig.Started().Forget();
        for (var i = 0; i < 4; i++)
        {
            rig.Send(JsonSerializer.Serialize(new { type = "session.input_audio.mute", event_id = $"m{i}" }));
        }

        Assert.Equal([null, "m1", null, "m3"], rig.All("session.input_audio.muted").Select(e => (string?)e["client_event_id"]));
    }

    private static string Missing(string param) =>
        $"missing_required_parameter | Missing required parameter: '{param}'. | {param} | start";
}
