using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal.Tests;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>
/// Every option of a session, as it leaves a real session over a real socket: where the published schema has it, with
/// the value that was set, nothing else touched, and valid.
/// </summary>
public sealed class OptionsOnTheWireTests
{
    private const string Nothing = "(absent)";
    private const string Input = "audio.input.";
    private const string Output = "audio.output.";

    // Name, settings, path in the session object, JSON expected there.
    private static readonly (string Name, SessionSettings Settings, string Path, string Expected)[] Options =
    [
        ("instructions", new() { Instructions = "Grüß \"Gott\" 🍳" }, "instructions", JsonSerializer.Serialize("Grüß \"Gott\" 🍳")),
        ("no instructions", new(), "instructions", Nothing),
        ("audio", new(), "output_modalities", """["audio"]"""),
        ("text only", new() { TextOnly = true }, "output_modalities", """["text"]"""),
        ("built-in voice", new() { Voice = "cedar" }, Output + "voice", "\"cedar\""),
        ("custom voice", new() { Voice = "voice_123" }, Output + "voice", """{"id":"voice_123"}"""),
        ("the service's voice", new(), Output + "voice", Nothing),
        ("speed", new() { Speed = 1.25 }, Output + "speed", "1.25"),
        ("format out", new(), Output + "format", """{"type":"audio/pcm","rate":24000}"""),
        ("format in", new(), Input + "format", """{"type":"audio/pcm","rate":24000}"""),
        ("transcription", new() { TranscriptionModel = "whisper-1" }, Input + "transcription", """{"model":"whisper-1"}"""),
        ("transcription with hints", new() { TranscriptionModel = "gpt-4o-transcribe", TranscriptionLanguage = "de", TranscriptionPrompt = "Kochen" }, Input + "transcription", """{"model":"gpt-4o-transcribe","language":"de","prompt":"Kochen"}"""),
        ("no transcription", new() { TranscriptionLanguage = "de" }, Input + "transcription", Nothing),
        ("noise reduction near", new() { NoiseReduction = "near_field" }, Input + "noise_reduction", """{"type":"near_field"}"""),
        ("noise reduction far", new() { NoiseReduction = "far_field" }, Input + "noise_reduction", """{"type":"far_field"}"""),
        ("no noise reduction", new(), Input + "noise_reduction", Nothing),
        ("server_vad", new() { TurnDetection = new ServerVad { Threshold = 0.75, PrefixPaddingMs = 200, SilenceDurationMs = 400 } }, Input + "turn_detection", """{"type":"server_vad","threshold":0.75,"prefix_padding_ms":200,"silence_duration_ms":400,"create_response":false,"interrupt_response":false}"""),
        ("server_vad as it is", new(), Input + "turn_detection", """{"type":"server_vad","create_response":false,"interrupt_response":false}"""),
        .. new[] { "low", "medium", "high", "auto" }.Select(e => ($"semantic_vad {e}", new SessionSettings { TurnDetection = new SemanticVad { Eagerness = e } }, Input + "turn_detection", $$"""{"type":"semantic_vad","eagerness":"{{e}}","create_response":false,"interrupt_response":false}""")),
        ("push to talk", new() { TurnDetection = null }, Input + "turn_detection", "null"),
        ("a tool", new() { Tools = [new ModelTool("show", "Shows.", Json("""{"type":"object"}"""))] }, "tools", """[{"type":"function","name":"show","description":"Shows.","parameters":{"type":"object"}}]"""),
        ("no tools", new(), "tools", "[]"),
        .. new[] { "auto", "none", "required" }.Select(c => ($"tool choice {c}", new SessionSettings { ToolChoice = c }, "tool_choice", $"\"{c}\"")),
        ("tool choice by name", new() { ToolChoice = "show" }, "tool_choice", """{"type":"function","name":"show"}"""),
        ("parallel calls", new() { ParallelToolCalls = false }, "parallel_tool_calls", "false"),
        ("max tokens", new() { MaxOutputTokens = 777 }, "max_output_tokens", "777"),
        ("any length", new() { MaxOutputTokens = 0 }, "max_output_tokens", "\"inf\""),
        ("the service's length", new(), "max_output_tokens", Nothing),
        .. new[] { "minimal", "low", "medium", "high", "xhigh" }.Select(e => ($"reasoning {e}", new SessionSettings { ReasoningEffort = e }, "reasoning", $$"""{"effort":"{{e}}"}""")),
        ("truncation auto", new() { Truncation = Json("\"auto\"") }, "truncation", "\"auto\""),
        ("truncation off", new() { Truncation = Json("\"disabled\"") }, "truncation", "\"disabled\""),
        ("truncation ratio", new() { Truncation = Json("""{"type":"retention_ratio","retention_ratio":0.8}""") }, "truncation", """{"type":"retention_ratio","retention_ratio":0.8}"""),
        ("tracing", new() { Tracing = Json("\"auto\"") }, "tracing", "\"auto\""),
        ("tracing named", new() { Tracing = Json("""{"workflow_name":"w","group_id":"g","metadata":{"a":"b"}}""") }, "tracing", """{"workflow_name":"w","group_id":"g","metadata":{"a":"b"}}"""),
        ("hosted prompt", new() { PromptId = "pmpt_1" }, "prompt", """{"id":"pmpt_1"}"""),
        ("hosted prompt of a version", new() { PromptId = "pmpt_1", PromptVersion = "2", PromptVariables = Json("""{"name":"Ada"}""") }, "prompt", """{"id":"pmpt_1","version":"2","variables":{"name":"Ada"}}"""),
        ("no hosted prompt", new() { PromptVersion = "2" }, "prompt", Nothing),
    ];

    [Fact]
    public async Task Every_option_arrives_where_the_schema_has_it_and_nothing_else_changes()
    {
        await using var service = await WireRecorder.StartAsync();
        await using var session = await OpenAiModelSession.ConnectAsync(
            new ModelEndpoint { BaseUrl = service.Url, Key = "k", Model = "gpt-realtime" }, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal("gpt-realtime", service.Model);
        var plain = await SendAsync(session, service, new SessionSettings());

        foreach (var (name, settings, path, expected) in Options)
        {
            var sent = await SendAsync(session, service, settings);
            var update = new JsonObject { ["type"] = "session.update", ["session"] = sent.DeepClone() }.ToJsonString();
            Assert.True(PublishedSchema.Complaints("RealtimeClientEventSessionUpdate", update) is [] && PublishedSchema.Strict("RealtimeClientEventSessionUpdate", update) is null, $"{name}: {update}");

            var wanted = (JsonObject)plain.DeepClone();
            Put(wanted, path.Split('.'), expected == Nothing ? null : JsonNode.Parse(expected), expected == Nothing);
            Assert.True(JsonNode.DeepEquals(wanted, sent), $"{name}: {sent.ToJsonString()} instead of {wanted.ToJsonString()}");
        }
    }

    public static TheoryData<SessionSettings, string, string> SwitchedOff() => new()
    {
        { new() { Instructions = "I" }, "instructions", "\"\"" },
        { new() { Speed = 1.3 }, Output + "speed", "1" },
        { new() { NoiseReduction = "far_field" }, Input + "noise_reduction", "null" },
        { new() { TranscriptionModel = "whisper-1", TranscriptionLanguage = "fr", TranscriptionPrompt = "p" }, Input + "transcription", "null" },
        { new() { TurnDetection = new ServerVad { Threshold = 0.9 } }, Input + "turn_detection.threshold", "0.5" },
        { new() { TurnDetection = new ServerVad { PrefixPaddingMs = 9 } }, Input + "turn_detection.prefix_padding_ms", "300" },
        { new() { TurnDetection = new ServerVad { SilenceDurationMs = 9 } }, Input + "turn_detection.silence_duration_ms", "500" },
        { new() { ToolChoice = "required" }, "tool_choice", "\"auto\"" },
        { new() { ParallelToolCalls = false }, "parallel_tool_calls", "true" },
        { new() { MaxOutputTokens = 200 }, "max_output_tokens", "\"inf\"" },
        { new() { Truncation = Json("\"disabled\"") }, "truncation", "\"auto\"" },
        { new() { PromptId = "pmpt_1" }, "prompt", "null" },
    };

    [Theory]
    [MemberData(nameof(SwitchedOff))]
    public void What_was_set_and_is_no_more_gets_null_or_the_default(SessionSettings before, string path, string expected)
    {
        var plain = Update(new ModelCommand.UpdateSession(new SessionSettings()));
        var update = Update(new ModelCommand.UpdateSession(new SessionSettings(), before));
        var wanted = (JsonObject)plain.DeepClone();
        Put(wanted, path.Split('.'), JsonNode.Parse(expected), absent: false);
        Assert.True(JsonNode.DeepEquals(wanted, update), update.ToJsonString());

        // The rehearsal model, as strict as the service, takes it, and has nothing of it any more.
        var session = new Bridge.Rehearsal.RehearsalSession("m", new Roles.RehearsalScript(), _ => 0, Bridge.Rehearsal.RehearsalFaults.None, TimeSpan.FromHours(1), 1);
        session.Open(TimeSpan.Zero, DateTimeOffset.UnixEpoch);
        JsonObject? Send(ModelCommand command)
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            CommandWriter.Write(buffer, command);
            session.Receive(TimeSpan.Zero, buffer.WrittenMemory);
            JsonObject? last = null;
            while (session.TryTake(out var output))
            {
                last = output is Bridge.Rehearsal.RehearsalOutput.Send(var utf8) ? (JsonObject)JsonNode.Parse(utf8.Span)! : last;
            }

            return last;
        }

        var first = Send(new ModelCommand.UpdateSession(new SessionSettings()))!;
        Assert.Equal("session.updated", (string?)Send(new ModelCommand.UpdateSession(before))!["type"]);
        var after = Send(new ModelCommand.UpdateSession(new SessionSettings(), before))!;
        Assert.Equal("session.updated", (string?)after["type"]);
        if (path is not "instructions" and not "parallel_tool_calls")
        {
            Assert.True(JsonNode.DeepEquals(first["session"], after["session"]), after.ToJsonString());
        }
    }

    [Fact]
    public void An_eagerness_that_is_switched_off_is_auto()
    {
        var settings = new SessionSettings { TurnDetection = new SemanticVad() };
        var update = Update(new ModelCommand.UpdateSession(settings, settings with { TurnDetection = new SemanticVad { Eagerness = "low" } }));
        Assert.Equal("auto", (string?)update["audio"]!["input"]!["turn_detection"]!["eagerness"]);
    }

    private static JsonObject Update(ModelCommand.UpdateSession update)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        CommandWriter.Write(buffer, update);
        return (JsonObject)JsonNode.Parse(buffer.WrittenSpan)!["session"]!;
    }

    [Fact]
    public void Every_setting_has_an_example_here()
    {
        var plain = new SessionSettings();

        // A delegation is of full-duplex sessions alone, and never on this wire.
        var settings = typeof(SessionSettings).GetProperties().Where(p => p.CanWrite && p.Name != nameof(SessionSettings.Delegation)).ToList();
        var told = settings.Where(p => Options.Any(o => !Equals(p.GetValue(o.Settings), p.GetValue(plain))));

        Assert.Equal(settings.Select(p => p.Name), told.Select(p => p.Name));
    }

    private static async Task<JsonObject> SendAsync(OpenAiModelSession session, WireRecorder service, SessionSettings settings)
    {
        Assert.True(session.TrySend(new ModelCommand.UpdateSession(settings)));
        return (JsonObject)(await service.NextAsync())["session"]!;
    }

    private static void Put(JsonObject root, string[] path, JsonNode? value, bool absent)
    {
        var at = path[..^1].Aggregate(root, (node, name) => (JsonObject)node[name]!);
        if (absent)
        {
            at.Remove(path[^1]);
        }
        else
        {
            at[path[^1]] = value;
        }
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
