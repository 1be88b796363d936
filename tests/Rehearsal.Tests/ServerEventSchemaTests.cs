using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

public sealed class ServerEventSchemaTests
{
    // What the service sends beyond its own schema, and so do we.
    private static readonly string[] BeyondSchema = ["response.status_details.error.message"];

    [Fact]
    public void Every_event_of_every_story_is_valid_and_names_no_unknown_field()
    {
        var seen = new SortedSet<string>();
        foreach (var (name, rig) in Stories())
        {
            Assert.True(rig.Events.Count > 2, name);
            foreach (var @event in rig.Events)
            {
                var type = (string)@event["type"]!;
                seen.Add(type);
                var definition = PublishedSchema.ServerEvents[type];
                var json = @event.ToJsonString();
                var complaints = PublishedSchema.Complaints(definition, json);
                Assert.True(complaints.Count == 0, $"{name}: {json}\n{string.Join('\n', complaints)}");
                var strict = PublishedSchema.Strict(definition, json);
                Assert.True(
                    strict is null || BeyondSchema.Any(f => strict.Contains(f, StringComparison.Ordinal)), $"{name}: {json}\n{strict}");
            }
        }

        // Where they do not apply: beta sessions; telephone calls; WebRTC and SIP connections; calls to a remote MCP server,
        // which a rehearsal does not reach.
        string[] elsewhere =
        [
            "conversation.item.created", "input_audio_buffer.dtmf_event_received",
            "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared",
            "mcp_list_tools.completed",
            "response.mcp_call.in_progress", "response.mcp_call.completed", "response.mcp_call.failed",
            "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done",
        ];
        Assert.Equal(
            PublishedSchema.ServerEvents.Keys.Except(elsewhere).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_validator_itself_refuses_a_broken_event()
    {
        Assert.NotEmpty(
            PublishedSchema.Complaints(
                "RealtimeServerEventInputAudioBufferSpeechStarted",
                """{"type":"input_audio_buffer.speech_started","event_id":"e","item_id":"i"}"""));
        Assert.NotEmpty(
            PublishedSchema.Complaints(
                "RealtimeServerEventInputAudioBufferSpeechStarted",
                """{"type":"input_audio_buffer.speech_started","event_id":"e","item_id":3,"audio_start_ms":1}"""));
        Assert.NotNull(
            PublishedSchema.Strict(
                "RealtimeServerEventInputAudioBufferCleared", """{"type":"input_audio_buffer.cleared","event_id":"e","extra":1}"""));
    }

    internal static IEnumerable<(string Name, Rig Rig)> Stories()
    {
        const string Transcription = "\"audio\":{\"input\":{\"transcription\":{\"model\":\"MODEL\"}}}";
        foreach (var model in (string[])["gpt-4o-mini-transcribe", "whisper-1", "gpt-4o-transcribe-diarize"])
        {
            var voice = new Rig();
            yield return ($"voice turn heard by {model}",
                voice.Update(Transcription.Replace("MODEL", model, StringComparison.Ordinal)).Say().Run(20_000));
        }

        var failing = new Rig(faults: new RehearsalFaults { FailTranscription = true });
        yield return ("failed transcription",
            failing.Update(Transcription.Replace("MODEL", "whisper-1", StringComparison.Ordinal)).Say().Run(20_000));

        var everything = new Rig();
        everything.Update(
            "\"instructions\":\"x\",\"output_modalities\":[\"audio\"],\"tool_choice\":\"auto\",\"max_output_tokens\":4096,\"truncation\":"
            + "{\"type\":\"retention_ratio\",\"retention_ratio\":0.8},\"tracing\":\"auto\",\"reasoning\":{\"effort\":\"low\"},"
            + "\"prompt\":{\"id\":\"pmpt_1\",\"version\":\"2\"},\"include\":[\"item.input_audio_transcription.logprobs\"],"
            + "\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":24000},\"noise_reduction\":{\"type\":\"near_field\"},"
            + "\"turn_detection\":{\"type\":\"semantic_vad\",\"eagerness\":\"high\"}},\"output\":{\"voice\":\"cedar\",\"speed\":1.2}},"
                + Scripts.Tools);
        everything.Write("soup").Respond().Run(20_000);
        var call = (string)everything.All("response.function_call_arguments.done").Last()["call_id"]!;
        everything.Send(
            $$$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{{call}}}","output":"1"}}""");
        everything.Respond().Run(400).Send("""{"type":"response.cancel"}""");
        var item = everything.All("response.output_item.done").Last()["item"]!;
        everything.Send($$"""{"type":"conversation.item.truncate","item_id":"{{item["id"]}}","content_index":0,"audio_end_ms":100}""");
        everything.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item["id"]}}"}""");
        everything.Send($$"""{"type":"conversation.item.delete","item_id":"{{item["id"]}}"}""");
        everything.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}}""");
        everything.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"be brief"}]}}""");
        everything.Send("""{"type":"input_audio_buffer.clear"}""");
        yield return ("call, cancel, truncate, retrieve, delete", everything.Accepted());

        var text = new Rig();
        text.Update("\"output_modalities\":[\"text\"]").Write("thank you").Respond().Run(5000);
        text.Send("""{"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"metadata":{"topic":"recap"},"input":[]}}""");
        yield return ("text and out of band", text.Run(5000).Accepted());

        var idle = new Rig();
        idle.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":5000}}}");
        idle.Respond().Run(3000).Hear(Rig.Silence(6000)).Run(4000);
        yield return ("idle", idle.Accepted());

        var remote = new Rig();
        remote.Update("\"tools\":[{\"type\":\"mcp\",\"server_label\":\"docs\",\"server_url\":\"https://example.org/mcp\",\"require_approval\":\"never\"}]");
        yield return ("remote tools", remote.Run(1000).Accepted());

        var failed = new Rig(faults: new RehearsalFaults { FailResponses = 1 });
        yield return ("failed response", failed.Respond().Run(1000));
        yield return ("expired", new Rig(cap: TimeSpan.FromSeconds(5)).Run(6000));
        yield return ("cut short", new Rig().Update("\"max_output_tokens\":5").Write("thank you").Respond().Run(9000));
    }
}
