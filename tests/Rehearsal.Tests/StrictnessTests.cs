using System.Text;

namespace Bridge.Rehearsal.Tests;

/// <summary>The stand-in refuses everything that the service refuses, in the same words.</summary>
public sealed class StrictnessTests
{
    [Theory]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","turn_detection":null}}""", "unknown_parameter",
        "session.turn_detection", "Unknown parameter: 'session.turn_detection'.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"voice":"marin"}}}}""", "unknown_parameter",
        "session.audio.input.voice", "Unknown parameter: 'session.audio.input.voice'.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"f","strict":true}]}}""",
        "unknown_parameter", "session.tools[0].strict", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function"}]}}""", "missing_required_parameter",
        "session.tools[0].name", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"a"},{"type":"function","name":"show recipe"}]}}""", "invalid_value", "session.tools[1].name", "Invalid 'session.tools[1].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.")]
    [InlineData("""{"type":"response.create","response":{"tools":[{"type":"function","name":"a","parameters":{"type":"array"}}]}}""",
        "invalid_function_parameters", "response.tools[0].parameters", null)]
    [InlineData("""{"type":"response.create","response":{"tools":[{"type":"function","name":"a","parameters":{"type":["object"]}}]}}""",
        "invalid_function_parameters", "response.tools[0].parameters", null)]
    [InlineData("""{"type":"response.create","response":{"tools":[{"type":"function","name":"a","parameters":{"type":"object"}}]}}""",
        "invalid_function_parameters", "response.tools[0].parameters",
        "Invalid schema for function 'a': In context=(), object schema missing properties.")]
    [InlineData("""{"type":"response.create","response":{"tools":[{"type":"function","name":"a","parameters":{"type":"object","properties":{"b":{"type":["array","null"]}}}}]}}""", "invalid_function_parameters", "response.tools[0].parameters", "Invalid schema for function 'a': In context=('properties', 'b'), array schema missing items.")]
    [InlineData("""{"type":"response.create","response":{"tools":[{"type":"function","name":"a","parameters":{"type":"object","properties":{"b":{"anyOf":[{"type":"string"},{"type":"object"}]}}}}]}}""", "invalid_function_parameters", "response.tools[0].parameters", "Invalid schema for function 'a': In context=('properties', 'b', 'anyOf', '1'), object schema missing properties.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"a","parameters":{"type":"object","properties":{},"anyOf":[{"required":["b"]}]}}]}}""", "invalid_function_parameters", "session.tools[0].parameters", "Invalid schema for function 'a': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.")]
    [InlineData("""{"type":"session.update","session":{"instructions":"x"}}""", "missing_required_parameter", "session.type",
        "Missing required parameter: 'session.type'.")]
    [InlineData("""{"type":"session.update"}""", "missing_required_parameter", "session", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"pcm16"}}}}}""", "invalid_value", "session.audio.input.format.type", "Invalid value: 'pcm16'. Supported values are: 'audio/pcm', 'audio/pcmu', and 'audio/pcma'.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":"pcm16"}}}}""", "invalid_type",
        "session.audio.input.format", "Invalid type for 'session.audio.input.format': expected an object, but got a string instead.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}}""", "invalid_value", "session.audio.input.format.rate", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":2}}}}""", "decimal_above_max_value",
        "session.audio.output.speed",
        "Invalid 'session.audio.output.speed': decimal above maximum value. Expected a value <= 1.5, but got 2 instead.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"bob"}}}}""", "invalid_value",
        "session.audio.output.voice", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":1000}}}}}""", "integer_below_min_value", "session.audio.input.turn_detection.idle_timeout_ms", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","silence_duration_ms":500}}}}}""", "unknown_parameter", "session.audio.input.turn_detection.silence_duration_ms", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"client_vad"}}}}}""",
        "invalid_value", "session.audio.input.turn_detection.type",
        "Invalid value: 'client_vad'. Supported values are: 'server_vad' and 'semantic_vad'.")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}}""", "invalid_value",
        "output_modalities", "Invalid modalities: ['audio', 'text']. Supported combinations are: ['text'] and ['audio'].")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","max_output_tokens":9000}}""", "integer_above_max_value",
        "session.max_output_tokens", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","model":"gpt-realtime"}}""", "cannot_update_model", "session.model", null)]
    [InlineData("""{"type":"session.update","session":{"type":"transcription"}}""", "invalid_value", "session.type",
        "Passing a transcription session update event to a realtime session is not allowed.")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"text","text":"x"}]}}""",
        "invalid_value", "item.content[0].type",
        "Invalid value: 'text'. Supported values are: 'input_text', 'input_audio', and 'input_image'.")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"x"}]}}""", "missing_required_parameter", "item.content[0].text", "Missing required parameter: 'item.content[0].text'.")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"narrator","content":[]}}""", "invalid_value",
        "item.role", "Invalid value: 'narrator'. Supported values are: 'system', 'user', and 'assistant'.")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","content":[]}}""", "missing_required_parameter", "item.role",
        null)]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"poem"}}""", "invalid_value", "item.type", null)]
    [InlineData("""{"type":"conversation.item.create","previous_item_id":"nobody","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}""", "item_create_invalid_previous_item_id", "previous_item_id", null)]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image"}]}}""",
        "missing_required_parameter", "item.content[0].image_url", null)]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"abcdefghijklmnopqrstuvwxyzabcdefg","type":"message","role":"user","content":[]}}""", "string_above_max_length", "item.id", null)]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":{"a":1}}}""",
        "invalid_type", "item.output", "Invalid type for 'item.output': expected a string, but got an object instead.")]
    [InlineData("""{"type":"conversation.item.retrieve","item_id":"x"}""", "item_retrieve_invalid_item_id", "item_id",
        "Error retrieving item: the item with id 'x' does not exist.")]
    [InlineData("""{"type":"conversation.item.delete","item_id":"x"}""", "item_delete_invalid_item_id", "item_id",
        "Error deleting item: the item with id 'x' does not exist.")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":0}""",
        "item_truncate_invalid_item_id", "item_id", null)]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"x","content_index":0}""", "missing_required_parameter", "audio_end_ms",
        null)]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":10.5}""", "invalid_type",
        "audio_end_ms", "Invalid type for 'audio_end_ms': expected an integer, but got a decimal instead.")]
    [InlineData("""{"type":"response.cancel"}""", "response_cancel_not_active", null, "Cancellation failed: no active response found")]
    [InlineData("""{"type":"response.create","response":{"conversation":"other"}}""", "invalid_value", "response.conversation", null)]
    [InlineData("""{"type":"response.create","response":{"modalities":["text"]}}""", "unknown_parameter", "response.modalities", null)]
    [InlineData("""{"type":"response.create","response":{"voice":"marin"}}""", "unknown_parameter", "response.voice", null)]
    [InlineData("""{"type":"response.create","response":{"input":[{"type":"item_reference","id":"gone"}]}}""", "invalid_value",
        "response.input[0].id", null)]
    [InlineData("""{"type":"response.create","response":{"metadata":{"a":1}}}""", "invalid_type", "response.metadata.a", null)]
    [InlineData("""{"type":"response.create","conversation":"none"}""", "unknown_parameter", "conversation", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"not base64!"}""", "invalid_value", "audio", "Invalid 'audio'. Expected "
        + "base64-encoded audio bytes, but got an invalid value.")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"}""", "invalid_value", "audio", null)]
    [InlineData("""{"type":"input_audio_buffer.append"}""", "missing_required_parameter", "audio", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":[1,2]}""", "invalid_type", "audio", null)]
    [InlineData("""{"type":"input_audio_buffer.commit"}""", "input_audio_buffer_commit_empty", null, "Error committing input audio buffer: "
        + "buffer too small. Expected at least 100ms of audio, but buffer only has 0.00ms of audio.")]
    [InlineData("""{"type":"output_audio_buffer.clear"}""", "invalid_event", "type", null)]
    [InlineData("""{"type":"session.destroy"}""", "invalid_value", "type", null)]
    [InlineData("""{"session":{}}""", "invalid_event", null, "The 'type' field is missing.")]
    [InlineData("""{"type":7}""", "invalid_type", "type", null)]
    [InlineData("""[1]""", "invalid_json", null, null)]
    [InlineData("""{"type":"response.create" """, "invalid_json", null, null)]
    [InlineData("""{"type":"conversation.item.delete","item_id":"\ud800"}""", "invalid_json", null, null)]
    public void A_wrong_event_gets_the_service_s_error_and_the_session_goes_on(string json, string code, string? param, string? message)
    {
        var rig = new Rig();

        rig.Send(json);

        Assert.Single(rig.All("error"));
        Assert.Equal("invalid_request_error", (string)rig.Error()["type"]!);
        Assert.Equal(code, (string)rig.Error()["code"]!);
        Assert.Equal(param, (string?)rig.Error()["param"]);
        if (message is not null)
        {
            Assert.Equal(message, (string)rig.Error()["message"]!);
        }

        rig.Forget().Respond().Run(5000).Accepted();
        Assert.Equal("completed", (string)rig.Last("response.done")["response"]!["status"]!);
    }

    [Fact]
    public void An_error_names_the_event_it_answers()
    {
        var rig = new Rig();

        rig.Send("""{"type":"response.cancel","event_id":"mine"}""");

        Assert.Equal("mine", (string)rig.Error()["event_id"]!);
    }

    [Fact]
    public void An_event_id_has_at_most_512_characters()
    {
        var rig = new Rig();

        rig.Send($$"""{"type":"input_audio_buffer.clear","event_id":"{{new string('a', 512)}}"}""").Accepted();
        rig.Send($$"""{"type":"input_audio_buffer.clear","event_id":"{{new string('a', 513)}}"}""");

        Assert.Equal("string_above_max_length", (string)rig.Error()["code"]!);
        Assert.EndsWith(
            "Expected a string with maximum length 512, but got a string with length 513 instead.",
            (string)rig.Error()["message"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_append_holds_at_most_15_MiB()
    {
        var rig = new Rig();

        rig.Send($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(new byte[15 * 1024 * 1024])}}"}""").Accepted();
        rig.Send($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(new byte[(15 * 1024 * 1024) + 2])}}"}""");

        Assert.Equal("input_audio_buffer_append_too_large", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void Only_one_response_is_active_and_the_error_names_it()
    {
        var rig = new Rig();
        rig.Write("thank you").Respond().Run(300);

        rig.Respond();

        var active = (string)rig.Last("response.created")["response"]!["id"]!;
        Assert.Equal("conversation_already_has_active_response", (string)rig.Error()["code"]!);
        Assert.Equal(
            $"Conversation already has an active response in progress: {active}. Wait until the response is finished before creating a new "
                + $"one.",
            (string)rig.Error()["message"]!);
        rig.Forget().Run(20_000).Accepted().Respond().Accepted();
    }

    [Fact]
    public void Truncation_stays_within_the_audio_of_an_agent_s_item()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(1000) };
        rig.Write("thank you").Respond().Run(5000);
        var item = (string)rig.Last("response.output_item.done")["item"]!["id"]!;
        var user = (string)rig.All("conversation.item.added").First()["item"]!["id"]!;

        Truncate(rig, item, 1001);
        Assert.Equal("Audio content of 1000ms is already shorter than 1001ms", (string)rig.Error()["message"]!);
        Truncate(rig, user, 10);
        Assert.Equal("Only model output audio messages can be truncated.", (string)rig.Error()["message"]!);
        Truncate(rig, item, 10, content: 1);
        Assert.Equal("unsupported_content_type", (string)rig.Error()["code"]!);
        Truncate(rig, item, -1);
        Assert.Equal("integer_below_min_value", (string)rig.Error()["code"]!);

        Truncate(rig.Forget(), item, 1000).Accepted();
        Truncate(rig, item, 400).Accepted();
        Truncate(rig, item, 401);
        Assert.Equal("Audio content of 400ms is already shorter than 401ms", (string)rig.Error()["message"]!);
        rig.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item}}"}""");
        var content = rig.Last("conversation.item.retrieved")["item"]!["content"]![0]!;
        Assert.Null(content["transcript"]);
        Assert.Equal(400 * 48, Convert.FromBase64String((string)content["audio"]!).Length);
    }

    [Fact]
    public void A_text_only_item_can_not_be_truncated()
    {
        var rig = new Rig();
        rig.Update("\"output_modalities\":[\"text\"]").Write("thank you").Respond().Run(5000);

        Truncate(rig, (string)rig.Last("response.output_item.done")["item"]!["id"]!, 0);

        Assert.Equal("unsupported_content_type", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void An_answer_interrupted_before_its_first_audio_can_not_be_truncated_even_to_zero()
    {
        var rig = new Rig { Voice = _ => [] };
        rig.Write("thank you").Respond().Run(130);
        var item = (string)rig.Last("response.output_item.added")["item"]!["id"]!;

        Truncate(rig, item, 0);

        Assert.Equal("unsupported_content_type", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void The_voice_is_fixed_once_the_agent_has_spoken()
    {
        const string Cedar = "\"audio\":{\"output\":{\"voice\":\"cedar\"}}";
        var rig = new Rig();
        rig.Update(Cedar).Accepted().Respond().Run(5000);

        rig.Update(Cedar).Accepted();
        rig.Update("\"audio\":{\"output\":{\"voice\":\"marin\"}}");

        Assert.Equal("cannot_update_voice", (string)rig.Error()["code"]!);
        Assert.Equal("Cannot update a conversation's voice if assistant audio is present.", (string)rig.Error()["message"]!);
        Assert.Equal("cedar", rig.Spoken[^1].Voice);
    }

    [Fact]
    public void The_speed_changes_between_turns_only()
    {
        const string Fast = "\"audio\":{\"output\":{\"speed\":1.5}}";
        var rig = new Rig();
        rig.Respond().Run(200).Update(Fast);
        Assert.Equal("cannot_update_speed", (string)rig.Error()["code"]!);

        rig.Forget().Run(5000).Update(Fast).Accepted().Write("thank you").Respond();
        Assert.Equal(1.5, rig.Spoken[^1].Speed);
    }

    [Fact]
    public void A_refused_update_changes_nothing_at_all()
    {
        var rig = new Rig();

        rig.Update("\"instructions\":\"new\",\"audio\":{\"output\":{\"voice\":\"bob\"}}").Update("\"tool_choice\":\"none\"");

        Assert.NotEqual("new", (string)rig.Last("session.updated")["session"]!["instructions"]!);
    }

    [Fact]
    public void Null_is_fine_on_an_optional_field_and_not_on_a_required_one()
    {
        var rig = new Rig();
        rig.Send("""{"type":"conversation.item.create","event_id":null,"previous_item_id":null,"item":{"id":null,"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}""").Accepted();
        rig.Send("""{"type":"response.create","response":null}""").Run(5000).Accepted();

        rig.Send("""{"type":"conversation.item.delete","item_id":null}""");

        Assert.Equal("Invalid type for 'item_id': expected a string, but got null instead.", (string)rig.Error()["message"]!);
    }

    [Fact]
    public void A_session_s_last_word_says_why_it_ends()
    {
        var rig = new Rig(cap: TimeSpan.FromMinutes(60));

        rig.Run(TimeSpan.FromMinutes(60).TotalMilliseconds - 1);
        Assert.Null(rig.End);
        rig.Run(1);

        Assert.Equal("session_expired", (string)rig.Error()["code"]!);
        Assert.Equal("Your session hit the maximum duration of 60 minutes.", (string)rig.Error()["message"]!);
        Assert.Equal(new RehearsalOutput.Close(1001, "Your session hit the maximum duration of 60 minutes."), rig.End);
    }

    [Fact]
    public void Nothing_a_client_sends_breaks_the_session()
    {
        // Mutations of good events: bytes changed, cut, doubled. The session must answer each, and never throw.
        var seed = Seeds.First;
        var random = new Random(seed);
        string[] good =
        [
            """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.4,"prefix_padding_ms":1000000000,"idle_timeout_ms":6000}}},"tools":[{"type":"function","name":"step","parameters":{"type":"object","properties":{}}}],"tool_choice":"required"}}""",
            """{"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"soup"}]}}""",
            """{"type":"conversation.item.truncate","item_id":"item","content_index":0,"audio_end_ms":100}""",
            """{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"},"input":[{"type":"message","role":"user","content":[]}]}}""",
            """{"type":"input_audio_buffer.append","audio":"AAAAAAAAAAAAAAAA"}""",
            """{"type":"response.cancel","event_id":"x"}""",
        ];
        var rig = new Rig();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(good[random.Next(good.Length)]).ToList();
            for (var change = random.Next(4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)));
                        break;
                    default:
                        bytes.InsertRange(at, "null,[]{}\\ud8\"9e99"u8[random.Next(10)..].ToArray());
                        break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            try
            {
                rig.Session.Receive(rig.Now, bytes.ToArray());
                rig.Run(random.Next(20));
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}, round {round}: {Encoding.UTF8.GetString([.. bytes])}\n{exception}");
            }

            if (rig.Events.Count > 5000)
            {
                rig.Forget();
            }
        }
    }

    private static Rig Truncate(Rig rig, string item, int milliseconds, int content = 0) => rig.Send(
        $$"""{"type":"conversation.item.truncate","item_id":"{{item}}","content_index":{{content}},"audio_end_ms":{{milliseconds}}}""");
}
