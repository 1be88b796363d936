using System.Buffers;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using TurnDetection = Bridge.Realtime.Model.TurnDetection;

namespace Bridge.Realtime.Tests.OpenAi;

public class WireTests
{
    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static readonly ModelItem Message = new(
        "m1",
        ModelItemKind.UserMessage) { Text = "Grüß Gott \"quoted\" 🍳", ImageUrl = "data:image/png;base64,AAAA" };

    public static TheoryData<string> Commands => [.. All.Select(c => c.GetType().Name + ":" + All.IndexOf(c))];

    private static readonly List<ModelCommand> All =
    [
        new ModelCommand.UpdateSession(new SessionSettings()),
        new ModelCommand.UpdateSession(new SessionSettings
        {
            Instructions =
                "Be kind.", Voice = "marin", Speed = 1.1, TranscriptionModel = "gpt-4o-mini-transcribe", TranscriptionLanguage = "en",
            TranscriptionPrompt =
                "cooking", NoiseReduction = "near_field", ToolChoice = "show", ParallelToolCalls = true, MaxOutputTokens = 4096,
            ReasoningEffort = "low", Truncation = Json("""{"type":"retention_ratio","retention_ratio":0.8}"""), Tracing = Json("\"auto\""),
            PromptId = "pmpt_1", PromptVersion = "2", PromptVariables = Json("""{"name":"Ada"}"""),
            Tools = [new ModelTool("show", "Shows.", Json("""{"type":"object","properties":{"x":{"type":"string"}}}"""))],
            TurnDetection = new ServerVad { Threshold = 0.6, PrefixPaddingMs = 200, SilenceDurationMs = 400 },
        }) { Id = "configure" },
        new ModelCommand.UpdateSession(
            new SessionSettings
            {
                Voice = "voice_123",
                TextOnly = true,
                MaxOutputTokens = 0,
                ToolChoice = "required",
                TurnDetection = new SemanticVad { Eagerness = "high" },
            }),
        new ModelCommand.UpdateSession(new SessionSettings { Truncation = Json("\"disabled\""), TurnDetection = null }),
        new ModelCommand.UpdateSession(new SessionSettings { TranscriptionModel = "gpt-transcribe", TranscriptionLanguage = "de" }),
        new ModelCommand.AppendInput(new byte[960]),
        new ModelCommand.CommitInput(),
        new ModelCommand.ClearInput(),
        new ModelCommand.CreateItem(Message, "root"),
        new ModelCommand.CreateItem(new ModelItem("a1", ModelItemKind.AgentMessage) { Text = "Yes." }),
        new ModelCommand.CreateItem(new ModelItem("s1", ModelItemKind.SystemMessage) { Text = "Note." }),
        new ModelCommand.CreateItem(new ModelItem("f1", ModelItemKind.FunctionCall) { CallId = "c1", Name = "show", Arguments = "{}" }),
        new ModelCommand.CreateItem(new ModelItem("o1", ModelItemKind.FunctionOutput) { CallId = "c1", Output = "{}" }),
        new ModelCommand.DeleteItem("m1"),
        new ModelCommand.RetrieveItem("m1"),
        new ModelCommand.TruncateItem("m1", 0, 1200),
        new ModelCommand.CreateResponse(),
        new ModelCommand.CreateResponse(
            new ResponseSettings
            {
                Instructions = "Sum up.", OutOfBand = true, TextOnly = true, AllowTools = false, Input = [Message], Tag = "recap1",
            })
        {
            Id = "recap1",
        },
        new ModelCommand.CreateResponse(
            new ResponseSettings
            {
                Instructions = "Fill in.", OutOfBand = true, TextOnly = true, Tag = "outcome1",
                MustCall = new ModelTool("outcome", "What came of it.", JsonElement.Parse("""{"type":"object","properties":{}}""")),
            })
        {
            Id = "outcome1",
        },
        new ModelCommand.CancelResponse(),
        new ModelCommand.CancelResponse("resp_1"),
    ];

    [Theory]
    [InlineData("gpt-transcribe", """{"model":"gpt-transcribe","languages":["de"]}""")]
    [InlineData("gpt-live-transcribe-2027-01-01", """{"model":"gpt-live-transcribe-2027-01-01","languages":["de"]}""")]
    [InlineData("gpt-4o-transcribe", """{"model":"gpt-4o-transcribe","language":"de"}""")]
    [InlineData("whisper-large-v3", """{"model":"whisper-large-v3","language":"de"}""")]
    public void A_transcription_model_is_told_the_language_in_its_own_way(string model, string expected)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CommandWriter.Write(
            buffer, new ModelCommand.UpdateSession(new SessionSettings { TranscriptionModel = model, TranscriptionLanguage = "de" }));
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        Assert.Equal(
            expected,
            document.RootElement.GetProperty("session").GetProperty("audio").GetProperty("input").GetProperty("transcription")
                .GetRawText());
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_the_shape_that_the_service_checks(string name)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CommandWriter.Write(buffer, All[int.Parse(name.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)]);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        var error = ClientEventSchemas.Realtime.Check(document.RootElement, out _);
        Assert.True(error is null, $"{error}\n{Encoding.UTF8.GetString(buffer.WrittenSpan)}");
    }

    [Fact]
    public void The_service_never_starts_or_stops_a_response_by_itself()
    {
        foreach (var detection in new TurnDetection[] { new ServerVad(), new SemanticVad() })
        {
            var buffer = new ArrayBufferWriter<byte>();
            CommandWriter.Write(buffer, new ModelCommand.UpdateSession(new SessionSettings { TurnDetection = detection }));
            using var document = JsonDocument.Parse(buffer.WrittenMemory);
            var turn = document.RootElement.GetProperty("session").GetProperty("audio").GetProperty("input").GetProperty("turn_detection");
            Assert.False(turn.GetProperty("create_response").GetBoolean());
            Assert.False(turn.GetProperty("interrupt_response").GetBoolean());
        }
    }

    [Fact]
    public void An_audio_delta_is_read_to_the_byte_and_its_ids_are_kept()
    {
        var pcm = new byte[4800];
        Random.Shared.NextBytes(pcm);
        var message = Encoding.UTF8.GetBytes($$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":2,"delta":"{{Convert.ToBase64String(pcm)}}"}""");
        var reader = new EventReader();
        var first = Assert.IsType<ModelEvent.AudioDelta>(reader.Read(message));
        var second = Assert.IsType<ModelEvent.AudioDelta>(reader.Read(message));
        Assert.Equal(("resp_1", "item_1", 2), (first.ResponseId, first.ItemId, first.ContentIndex));
        Assert.Equal(pcm, first.Pcm.ToArray());
        Assert.Same(first.ItemId, second.ItemId);
        Assert.Same(first.ResponseId, second.ResponseId);
    }

    [Fact]
    public void An_audio_delta_with_escaped_base64_is_read_all_the_same()
    {
        byte[] pcm = [0xff, 0xff, 0xff, 0xfe];
        var message = Encoding.UTF8.GetBytes(
            """{"type":"response.output_audio.delta","response_id":"r","item_id":"i","content_index":0,"delta":"\/\/\/\/\/g=="}""");
        var delta = Assert.IsType<ModelEvent.AudioDelta>(new EventReader().Read(message));
        Assert.Equal(pcm, delta.Pcm.ToArray());
    }

    [Fact]
    public void An_audio_delta_costs_its_audio_and_a_small_object()
    {
        var pcm = new byte[4800];
        var message = Encoding.UTF8.GetBytes($$"""{"event_id":"e","type":"response.output_audio.delta","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"{{Convert.ToBase64String(pcm)}}"}""");
        var reader = new EventReader();
        reader.Read(message);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            reader.Read(message);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(each, 4800, 5000);
    }

    [Theory]
    [InlineData("""{"type":"response.output_audio_transcript.done","response_id":"r","item_id":"i","content_index":0,"transcript":"Broken \ud83d end"}""", "Broken \ufffd end")]
    [InlineData("""{"type":"response.output_audio_transcript.done","response_id":"r","item_id":"i","content_index":0,"transcript":"\ude00\ud83d"}""", "\ufffd\ufffd")]
    [InlineData("""{"type":"response.output_audio_transcript.done","response_id":"r","item_id":"i","content_index":0,"transcript":"\ud83d\ude00 \ud83d\n\"\\\/\t\u0041é"}""", "\U0001F600 \ufffd\n\"\\/\tAé")]
    public void Half_a_surrogate_pair_is_read_as_the_replacement_character(string json, string text)
    {
        var done = Assert.IsType<ModelEvent.AudioTranscriptDone>(new EventReader().Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(text, done.Transcript);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_cost_their_characters_and_not_the_event()
    {
        byte[] message =
        [
            .. """{"type":"conversation.item.input_audio_transcription.delta","item_id":"i","delta":"caf"""u8, 0xe9, .. "\"}"u8,
        ];
        var delta = Assert.IsType<ModelEvent.InputTranscriptDelta>(new EventReader().Read(message));
        Assert.Equal("caf\ufffd", delta.Delta);
    }

    [Fact]
    public void The_end_of_a_response_is_read_with_half_an_emoji_in_its_text()
    {
        var done = Assert.IsType<ModelEvent.ResponseDone>(new EventReader().Read(Encoding.UTF8.GetBytes(
            """{"type":"response.done","response":{"id":"r","status":"completed","output":[{"id":"i","type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"Broken \ud83d"}]}]}}""")));
        Assert.Equal("Broken \ufffd", Assert.Single(done.Output).Text);
    }

    [Theory]
    [InlineData("""{"type":"response.reasoning_summary_text.delta","event_id":"e","response_id":"r7","item_id":"i","delta":"hm"}""")]
    [InlineData("""{"type":"response.function_call_arguments.delta","event_id":"e","response_id":"r7","item_id":"i","delta":"{"}""")]
    [InlineData("""{"event_id":"e","response_id":"r7","type":"response.content_part.added","item_id":"i","part":{"type":"audio"}}""")]
    [InlineData("""{"type":"response.something.new","event_id":"e","response":{"id":"r7"}}""")]
    public void An_event_of_no_use_tells_which_response_it_is_of(string json)
    {
        var unknown = Assert.IsType<ModelEvent.Unknown>(new EventReader().Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal("r7", unknown.ResponseId);
    }

    [Fact]
    public void Every_truncation_and_mutation_of_a_message_is_an_event_or_malformed_and_never_throws()
    {
        string[] messages =
        [
            """{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"AAAAAAAA"}""",
            """{"type":"response.done","event_id":"e","response":{"id":"r","status":"failed","status_details":{"type":"failed","error":{"type":"server_error","code":"x"}},"output":[{"id":"i","type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"hi"}]},{"id":"f","type":"function_call","call_id":"c","name":"n","arguments":"{}"}],"usage":{"input_token_details":{"text_tokens":1,"cached_tokens_details":{"text_tokens":1}},"output_token_details":{"audio_tokens":2}},"metadata":{"bridge_tag":"t1"}}}""",
            """{"type":"session.created","event_id":"e","session":{"id":"s","model":"m","expires_at":1790000000}}""",
            """{"type":"rate_limits.updated","event_id":"e","rate_limits":[{"name":"requests","limit":10,"remaining":9,"reset_seconds":1.5}]}""",
            """{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":null,"message":"x","param":"session.voice","event_id":"t1"}}""",
            """{"type":"conversation.item.input_audio_transcription.completed","event_id":"e","item_id":"i","content_index":0,"transcript":"h\u00e9","usage":{"type":"duration","seconds":2.5}}""",
        ];
        var reader = new EventReader();
        foreach (var text in messages)
        {
            var message = Encoding.UTF8.GetBytes(text);
            Assert.IsNotType<ModelEvent.Malformed>(reader.Read(message));
            for (var length = 0; length < message.Length; length++)
            {
                Assert.IsType<ModelEvent.Malformed>(reader.Read(message.AsMemory(0, length)));
            }

            foreach (byte value in new byte[] { 0, (byte)'"', (byte)'{', (byte)'}', (byte)'9', (byte)',', 0x80, 0xff })
            {
                for (var at = 0; at < message.Length; at++)
                {
                    var mutated = message.ToArray();
                    mutated[at] = value;
                    Assert.NotNull(reader.Read(mutated));
                }
            }
        }
    }
}
