using System.Text.Json.Nodes;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>Servers that speak the protocol as it was before general availability.</summary>
public sealed class BetaServerTests
{
    private const string Beta = """{"type":"session.created","event_id":"e","session":{"id":"s","object":"realtime.session","model":"m","modalities":["text","audio"],"input_audio_format":"pcm16"}}""";
    private const string Today = """{"type":"session.created","event_id":"e","session":{"id":"s","type":"realtime","model":"m","audio":{"input":{}}}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_it_says_is_read_by_its_old_names()
    {
        await using var service = await WireRecorder.StartAsync(
            Beta,
            """{"type":"conversation.item.created","event_id":"e","previous_item_id":null,"item":{"id":"i","type":"message","role":"assistant","content":[]}}""",
            """{"type":"response.audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"AAAAAA=="}""",
            """{"type":"response.audio_transcript.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"Hel"}""",
            """{"type":"response.audio_transcript.done","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"transcript":"Hello"}""",
            """{"type":"response.audio.done","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0}""",
            """{"type":"response.text.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"Wri"}""",
            """{"type":"response.text.done","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"text":"Written"}""");
        await using var session = await OpenAsync(service);
        var read = new List<ModelEvent>();
        while (read.Count < 8)
        {
            read.Add(await session.Events.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        }

        Assert.Equal(4, Assert.IsType<ModelEvent.AudioDelta>(read[2]).Pcm.Length);
        Assert.Equal(
            [new ModelEvent.AudioTranscriptDelta("r", "i", 0, "Hel"), new ModelEvent.AudioTranscriptDone("r", "i", 0, "Hello"), new ModelEvent.AudioDone("r", "i", 0),
                new ModelEvent.TextDelta("r", "i", 0, "Wri"), new ModelEvent.TextDone("r", "i", 0, "Written")],
            read.Skip(3));
        Assert.IsType<ModelEvent.ItemAdded>(read[1]);
    }

    [Theory]
    [InlineData(Beta, "auto", true)]
    [InlineData(Today, "auto", false)]
    [InlineData("""{"type":"session.created","session":{"id":"s"}}""", "auto", false)]
    [InlineData(Today, "beta", true)]
    [InlineData(Beta, "openai", false)]
    public async Task Which_protocol_it_is_tells_the_session_unless_the_operator_does(string created, string profile, bool beta)
    {
        await using var service = await WireRecorder.StartAsync(created);
        await using var session = await OpenAsync(service, profile);
        Assert.Equal(beta, session.Habits.HasFlag(ServerHabits.BetaShape));
        session.TrySend(new ModelCommand.UpdateSession(new SessionSettings()));
        var sent = (await service.NextAsync())["session"]!.AsObject();
        Assert.Equal(beta, sent.ContainsKey("modalities"));
        Assert.Equal(!beta, sent.ContainsKey("audio"));
    }

    [Fact]
    public async Task It_is_configured_and_told_in_the_shape_of_its_time()
    {
        await using var service = await WireRecorder.StartAsync(Beta);
        await using var session = await OpenAsync(service);
        session.TrySend(new ModelCommand.UpdateSession(new SessionSettings
        {
            Instructions = "Be kind.", Voice = "alloy", TranscriptionModel = "whisper-1", TranscriptionLanguage = "de", MaxOutputTokens = 300, ReasoningEffort = "low",
            NoiseReduction = "near_field", Tools = [new ModelTool("show", "Shows.", System.Text.Json.JsonElement.Parse("{}"))],
            TurnDetection = new ServerVad { SilenceDurationMs = 400 },
        }));
        AssertJson(
            """
            {"modalities":["text","audio"],"instructions":"Be kind.","voice":"alloy","input_audio_format":"pcm16","output_audio_format":"pcm16",
             "input_audio_transcription":{"model":"whisper-1","language":"de"},
             "turn_detection":{"type":"server_vad","silence_duration_ms":400,"create_response":false,"interrupt_response":false},
             "tools":[{"type":"function","name":"show","description":"Shows.","parameters":{}}],"max_response_output_tokens":300}
            """,
            (await service.NextAsync())["session"]!);
        session.TrySend(new ModelCommand.CreateItem(new ModelItem("a", ModelItemKind.AgentMessage) { Text = "Yes." }));
        AssertJson("""{"id":"a","type":"message","role":"assistant","content":[{"type":"text","text":"Yes."}]}""", (await service.NextAsync())["item"]!);
        session.TrySend(new ModelCommand.CreateResponse(new ResponseSettings { TextOnly = true, OutOfBand = true }));
        AssertJson("""{"conversation":"none","modalities":["text"]}""", (await service.NextAsync())["response"]!);
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());

    private static Task<OpenAiModelSession> OpenAsync(WireRecorder service, string profile = "auto") =>
        OpenAiModelSession.ConnectAsync(new ModelEndpoint { BaseUrl = service.Url, Key = "k", Model = "m", Profile = ServerProfile.Find(profile)! }, TimeProvider.System, Cancellation);
}
