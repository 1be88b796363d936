using Bridge.Roles;

namespace Bridge.Rehearsal.Tests;

public sealed class ConversationTests
{
    [Fact]
    public void Items_keep_the_order_the_client_asks_for()
    {
        var rig = new Rig();
        Message(rig, "b", null);
        Message(rig, "d", null);
        Message(rig, "c", "b");
        Message(rig, "a", "root");

        var previous = rig.All("conversation.item.added").ToDictionary(e => (string)e["item"]!["id"]!, e => (string?)e["previous_item_id"]);
        Assert.Null(previous["a"]);
        Assert.Equal("b", previous["c"]);
        Assert.Equal("b", previous["d"]);

        Message(rig, "e", "c");
        Assert.Equal("c", (string?)rig.Last("conversation.item.done")["previous_item_id"]);
        Message(rig, "e", null);
        Assert.Equal("item_create_duplicate_item_id", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void A_deleted_item_is_gone()
    {
        var rig = new Rig();
        Message(rig, "a", null);
        rig.Send("""{"type":"conversation.item.delete","item_id":"a"}""");
        Assert.Equal("a", (string)rig.Last("conversation.item.deleted")["item_id"]!);

        rig.Accepted().Send("""{"type":"conversation.item.retrieve","item_id":"a"}""");

        Assert.Equal("item_retrieve_invalid_item_id", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void A_caller_s_item_comes_back_with_its_audio()
    {
        var rig = new Rig();
        rig.Say(milliseconds: 1000, silence: 700);
        var item = (string)rig.Last("input_audio_buffer.committed")["item_id"]!;

        rig.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item}}"}""").Accepted();

        var content = rig.Last("conversation.item.retrieved")["item"]!["content"]![0]!;
        var milliseconds = Convert.FromBase64String((string)content["audio"]!).Length / 48;
        Assert.InRange(milliseconds, 1740, 1840);
    }

    [Fact]
    public void A_long_call_keeps_the_audio_of_the_last_turns_alone_and_the_length_of_all()
    {
        var rig = new Rig();
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"create_response\":false}}}");
        for (var turn = 0; turn < 4; turn++)
        {
            rig.Say();
        }

        var lengths = rig.All("input_audio_buffer.committed").Select(e => (string)e["item_id"]!).ToList().ConvertAll(item =>
        {
            rig.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item}}"}""");
            return Convert.FromBase64String((string)rig.Last("conversation.item.retrieved")["item"]!["content"]![0]!["audio"]!).Length;
        });
        rig.Respond().Run(5000).Accepted();

        Assert.Equal([0, 0], lengths.Take(2));
        Assert.All(lengths.Skip(2), length => Assert.InRange(length, 1700 * 48, 1900 * 48));
        Assert.InRange((int)rig.Last("response.done")["response"]!["usage"]!["input_token_details"]!["audio_tokens"]!, 68, 80);
    }

    [Fact]
    public void An_out_of_band_response_runs_beside_the_active_one_and_leaves_no_item()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(6000) };
        rig.Write("thank you").Respond().Run(500).Forget();

        rig.Send("""{"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"metadata":{"purpose":"recap"}}}""");
        rig.Run(1000).Accepted();

        var done = rig.Last("response.done")["response"]!;
        Assert.Equal("recap", (string)done["metadata"]!["purpose"]!);
        Assert.Null(done["conversation_id"]);
        Assert.Equal("# Recap\nWe cooked.", (string)done["output"]![0]!["content"]![0]!["text"]!);
        Assert.DoesNotContain("conversation.item.added", rig.Types);
        rig.Run(10_000);
        Assert.Equal(2, rig.All("response.done").Count());
    }

    [Fact]
    public void Speech_interrupts_the_conversation_s_response_and_leaves_the_one_out_of_band()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(6000) };
        rig.Send("""{"type":"response.create","response":{"conversation":"none"}}""");
        rig.Write("thank you").Respond().Run(500).Forget();

        rig.Hear(Rig.Tone(400)).Accepted();

        Assert.Equal("turn_detected", (string)rig.All("response.done").Single()["response"]!["status_details"]!["reason"]!);
        Assert.NotNull(rig.All("response.done").Single()["response"]!["conversation_id"]);
    }

    [Fact]
    public void A_recap_sees_the_input_it_is_given_and_references_into_the_conversation()
    {
        var rig = new Rig(Scripts.Demo with { Recap = null });
        Message(rig, "a", null, "first words");
        Message(rig, "b", null, "other words");

        rig.Send("""{"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"input":[{"type":"item_reference","id":"a"},{"type":"message","role":"user","content":[{"type":"input_text","text":"given words"}]}]}}""");
        rig.Run(3000).Accepted();

        Assert.Equal("- Caller: first words\n- Caller: given words", (string)rig.Last("response.output_text.done")["text"]!);
    }

    [Fact]
    public void A_recap_tells_what_both_said_in_this_call_under_the_script_s_heading()
    {
        var rig = new Rig(Scripts.Demo with { Recap = "## In short\n{{said}}" });
        rig.Write("thank you").Respond().Run(20_000);
        rig.Send("""{"type":"response.create","response":{"conversation":"none","output_modalities":["text"]}}""").Run(3000).Accepted();

        Assert.Equal(
            "## In short\n- Caller: thank you\n- Agent: You are welcome, any time you like to cook again.",
            (string)rig.Last("response.output_text.done")["text"]!);
    }

    [Fact]
    public void A_cancel_by_id_reaches_an_out_of_band_response()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(6000) };
        rig.Send("""{"type":"response.create","response":{"conversation":"none"}}""").Run(500);
        var id = (string)rig.Last("response.created")["response"]!["id"]!;

        rig.Send("""{"type":"response.cancel"}""");
        Assert.Equal("response_cancel_not_active", (string)rig.Error()["code"]!);
        rig.Send($$"""{"type":"response.cancel","response_id":"{{id}}"}""");

        Assert.Equal("client_cancelled", (string)rig.Last("response.done")["response"]!["status_details"]!["reason"]!);
    }

    [Fact]
    public void An_interrupted_answer_is_taken_up_where_its_heard_part_ended()
    {
        // Ten words in ten seconds; cancelled, and heard up to the fourth.
        var script = new RehearsalScript
        {
            Rules = [new RehearsalRule { When = ["count"], Say = "one two three four five six seven eight nine ten" }],
        };
        var rig = new Rig(script) { Voice = _ => Rig.Tone(10_000) };
        rig.Write("count").Respond().Run(5000).Send("""{"type":"response.cancel"}""");
        var item = (string)rig.Last("response.output_item.done")["item"]!["id"]!;
        rig.Send($$"""{"type":"conversation.item.truncate","item_id":"{{item}}","content_index":0,"audio_end_ms":4000}""");

        rig.Respond().Run(20_000).Accepted();

        Assert.Equal("five six seven eight nine ten", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_trailing_thought_gets_more_patience_from_semantic_detection()
    {
        var script = Scripts.Demo with { Hears = ["I would like…", "thank you"] };
        var rig = new Rig(script);
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"semantic_vad\",\"eagerness\":\"high\"}}}");

        rig.Say(silence: 1500);
        Assert.DoesNotContain("input_audio_buffer.speech_stopped", rig.Types);
        rig.Hear(Rig.Silence(800));
        Assert.Contains("input_audio_buffer.speech_stopped", rig.Types);

        rig.Run(20_000).Forget().Say(silence: 400).Accepted();
        Assert.Contains("input_audio_buffer.speech_stopped", rig.Types);
    }

    [Fact]
    public void Nobody_speaking_for_the_idle_timeout_makes_the_agent_ask()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(2000) };
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":5000}}}");
        rig.Respond();

        // Two seconds of speech are played first, then five seconds pass.
        rig.Hear(Rig.Silence(6800));
        Assert.DoesNotContain("input_audio_buffer.timeout_triggered", rig.Types);
        rig.Hear(Rig.Silence(600)).Run(5000).Accepted();

        var timeout = rig.Last("input_audio_buffer.timeout_triggered");
        Assert.Equal(5000, (int)timeout["audio_end_ms"]! - (int)timeout["audio_start_ms"]!);
        Assert.Equal((string)timeout["item_id"]!, (string)rig.Last("input_audio_buffer.committed")["item_id"]!);
        Assert.Equal("Are you still there?", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_client_s_own_prompt_to_a_silent_caller_is_followed()
    {
        const string Prompt = """{"type":"response.create","response":{"instructions":"Ask whether they are still there."}}""";
        var rig = new Rig();

        rig.Send(Prompt).Run(5000);
        Assert.Equal("Hello there.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
        rig.Send(Prompt).Run(5000).Accepted();
        Assert.Equal("Are you still there?", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
        rig.Write("thank you").Send(Prompt).Run(9000).Accepted();
        Assert.StartsWith(
            "You are welcome", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Speech_puts_the_idle_timeout_off()
    {
        var rig = new Rig();
        rig.Update(
            "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":5000,\"create_response\":false}}}");
        rig.Respond().Hear(Rig.Silence(4000));

        rig.Say(3000).Hear(Rig.Silence(8000)).Accepted();

        Assert.DoesNotContain("input_audio_buffer.timeout_triggered", rig.Types);
    }

    [Fact]
    public void A_token_limit_leaves_the_answer_incomplete()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(4000) };

        rig.Write("thank you").Send("""{"type":"response.create","response":{"max_output_tokens":40}}""").Run(10_000).Accepted();

        var response = rig.Last("response.done")["response"]!;
        Assert.Equal("incomplete", (string)response["status"]!);
        Assert.Equal("max_output_tokens", (string)response["status_details"]!["reason"]!);
        Assert.InRange((int)response["usage"]!["output_tokens"]!, 30, 41);
    }

    [Fact]
    public void Usage_adds_up_and_the_shared_context_counts_as_cached()
    {
        var rig = new Rig();
        rig.Update($"\"instructions\":\"{new string('x', 2000)}\"").Say().Run(20_000).Say().Run(20_000).Accepted();

        var first = rig.All("response.done").First()["response"]!["usage"]!;
        var second = rig.All("response.done").Last()["response"]!["usage"]!;
        foreach (var usage in new[] { first, second })
        {
            Assert.Equal((int)usage["total_tokens"]!, (int)usage["input_tokens"]! + (int)usage["output_tokens"]!);
            var input = usage["input_token_details"]!;
            Assert.Equal(
                (int)usage["input_tokens"]!, (int)input["text_tokens"]! + (int)input["audio_tokens"]! + (int)input["image_tokens"]!);
        }

        Assert.Equal(0, (int)first["input_token_details"]!["cached_tokens"]!);
        Assert.True((int)second["input_token_details"]!["cached_tokens"]! >= 448);
        Assert.True((int)second["input_tokens"]! > (int)first["input_tokens"]!);
        Assert.True((int)first["output_token_details"]!["audio_tokens"]! > 0);
    }

    [Theory]
    [InlineData("audio/pcmu")]
    [InlineData("audio/pcma")]
    public void G711_is_understood_and_spoken(string format)
    {
        var rig = new Rig { Voice = _ => Rig.Tone(1000) };
        rig.Update(
            "\"audio\":{\"input\":{\"format\":{\"type\":\"" + format + "\"}},\"output\":{\"format\":{\"type\":\"" + format + "\"}}}");
        var law = format == "audio/pcmu" ? AudioEncoding.Pcmu : AudioEncoding.Pcma;

        foreach (var frame in Rig.Silence(300).Concat(Rig.Tone(1000)).Concat(Rig.Silence(700)).Chunk(480))
        {
            rig.Send($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(G711.Encode(frame, law))}}"}""").Run(20);
        }

        rig.Run(5000).Accepted();
        Assert.InRange((int)rig.Last("input_audio_buffer.speech_stopped")["audio_end_ms"]!, 1780, 1840);
        var bytes = rig.All("response.output_audio.delta").SelectMany(d => Convert.FromBase64String((string)d["delta"]!)).ToArray();
        Assert.Equal(8000, bytes.Length);

        // Decoded again, the tone is the tone: within G.711's quantisation of 8 bits.
        var back = G711.Decode(bytes, law);
        var tone = Rig.Tone(1000);
        var error = Enumerable.Range(10, 20_000).Average(i => Math.Pow(back[i] - tone[Math.Max(0, i - 1)], 2));
        Assert.True(error < 8000.0 * 8000 / 2 / 300, $"mean square error {error}");
    }

    [Fact]
    public void Equal_seeds_and_inputs_give_equal_events()
    {
        static string Story(TimeSpan start) =>
            string.Join('\n', new Rig(start: start).Say().Run(9000).Events.Select(e => e.ToJsonString()));

        Assert.Equal(Story(TimeSpan.FromDays(1)), Story(TimeSpan.FromDays(40_000)));
    }

    private static void Message(Rig rig, string id, string? after, string text = "x") => rig.Send(
        $$$"""{"type":"conversation.item.create",{{{(after is null ? "" : $"\"previous_item_id\":\"{after}\",")}}}"item":{"id":"{{{id}}}","type":"message","role":"user","content":[{"type":"input_text","text":"{{{text}}}"}]}}""");
}
