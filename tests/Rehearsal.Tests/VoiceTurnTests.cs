using System.Text;

namespace Bridge.Rehearsal.Tests;

public sealed class VoiceTurnTests
{
    private const string Transcription = "\"audio\":{\"input\":{\"transcription\":{\"model\":\"gpt-4o-mini-transcribe\"}}}";

    [Fact]
    public void A_session_greets_with_its_configuration_and_conversation()
    {
        var rig = new Rig();

        Assert.Equal(["session.created", "conversation.created"], rig.Types);
        var session = rig.Last("session.created")["session"]!;
        Assert.Equal("rehearsal/test", (string)session["model"]!);
        Assert.Equal("server_vad", (string)session["audio"]!["input"]!["turn_detection"]!["type"]!);
        Assert.Equal(Rig.Wall.AddMinutes(60).ToUnixTimeSeconds(), (long)session["expires_at"]!);
    }

    [Fact]
    public void A_spoken_turn_is_detected_committed_transcribed_and_answered()
    {
        var rig = new Rig();
        rig.Update(Transcription).Forget();

        rig.Say(silence: 700).Run(20_000).Accepted();

        // Runs of one type are told as one.
        var story = rig.Types.Where((t, i) => i == 0 || t != rig.Types.ElementAt(i - 1))
            .Where(t => !t.Contains("transcription", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "response.created",
                "rate_limits.updated",
                "response.output_item.added",
                "conversation.item.added",
                "response.content_part.added",
            ],
            story.Take(10));
        Assert.Equal(
            [
                "response.output_audio.done",
                "response.output_audio_transcript.done",
                "response.content_part.done",
                "conversation.item.done",
                "response.output_item.done",
                "response.done",
            ],
            story.TakeLast(6));
        Assert.Equal("show me the soup", (string)rig.Last("conversation.item.input_audio_transcription.completed")["transcript"]!);
        Assert.Equal("Here is the soup.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
        Assert.Equal("completed", (string)rig.Last("response.done")["response"]!["status"]!);

        // The item of the turn is announced with the first sound and stays the same.
        var item = (string)rig.Last("input_audio_buffer.speech_started")["item_id"]!;
        Assert.Equal(item, (string)rig.Last("input_audio_buffer.speech_stopped")["item_id"]!);
        Assert.Equal(item, (string)rig.Last("input_audio_buffer.committed")["item_id"]!);
        Assert.Equal(item, (string)rig.All("conversation.item.added").First()["item"]!["id"]!);
        Assert.Equal(item, (string)rig.All("conversation.item.added").Last()["previous_item_id"]!);
    }

    [Fact]
    public void Speech_times_count_from_the_first_sample_and_include_the_padding_before_and_the_silence_after()
    {
        var rig = new Rig();

        // 300 ms of silence before the words: all of it is padding.
        rig.Say(milliseconds: 1000, silence: 700);

        Assert.InRange((int)rig.Last("input_audio_buffer.speech_started")["audio_start_ms"]!, 0, 20);
        Assert.InRange((int)rig.Last("input_audio_buffer.speech_stopped")["audio_end_ms"]!, 1780, 1820);
    }

    [Fact]
    public void The_audio_of_an_answer_flows_faster_than_real_time_and_is_complete()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(3000) };
        rig.Write("thank you").Respond();
        var start = rig.Now;

        rig.Run(1000);
        var early = AudioMilliseconds(rig);
        rig.Run(5000).Accepted();

        Assert.InRange(early, 1200, 2200);
        Assert.Equal(3000, AudioMilliseconds(rig));
        Assert.True(rig.Now > start);
    }

    [Fact]
    public void Speech_while_the_agent_speaks_cancels_the_response_at_once()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(8000) };
        rig.Write("thank you").Respond().Run(1500).Forget();

        rig.Say().Accepted();

        var types = rig.Types.ToList();
        var started = types.IndexOf("input_audio_buffer.speech_started");
        var done = rig.All("response.done").First()["response"]!;
        Assert.Equal("cancelled", (string)done["status"]!);
        Assert.Equal("turn_detected", (string)done["status_details"]!["reason"]!);
        Assert.Equal("incomplete", (string)done["output"]![0]!["status"]!);
        Assert.True(started < types.IndexOf("response.done"));
        Assert.DoesNotContain("response.output_audio.delta", types.Skip(started).TakeWhile(t => t != "response.created"));
    }

    [Fact]
    public void Speech_does_not_cancel_when_interruption_is_off_and_the_turn_then_meets_the_active_response()
    {
        var rig = new Rig { Voice = _ => Rig.Tone(8000) };
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"interrupt_response\":false}}}");
        rig.Write("thank you").Respond().Run(1500).Forget();

        rig.Say();

        Assert.DoesNotContain("response.done", rig.Types);
        Assert.Equal("conversation_already_has_active_response", (string)rig.Error()["code"]!);
    }

    [Fact]
    public void A_cough_is_a_turn_without_words_and_does_not_use_up_a_line_of_the_script()
    {
        var rig = new Rig();
        rig.Update(Transcription);

        rig.Say(milliseconds: 100).Run(5000);
        Assert.Equal("", (string)rig.Last("conversation.item.input_audio_transcription.completed")["transcript"]!);

        rig.Say().Run(5000).Accepted();
        Assert.Equal("show me the soup", (string)rig.Last("conversation.item.input_audio_transcription.completed")["transcript"]!);
    }

    [Fact]
    public void Without_turn_detection_the_client_commits_and_asks()
    {
        var rig = new Rig();
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":null}}").Forget();

        rig.Say().Run(2000);
        Assert.Empty(rig.Types);

        rig.Send("""{"type":"input_audio_buffer.commit"}""").Respond().Run(20_000).Accepted();
        Assert.Equal("Here is the soup.", (string)rig.Last("response.output_audio_transcript.done")["transcript"]!);
    }

    [Fact]
    public void A_commit_of_less_than_100_ms_is_refused()
    {
        var rig = new Rig();
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":null}}").Hear(Rig.Tone(80));

        rig.Send("""{"type":"input_audio_buffer.commit","event_id":"e1"}""");

        Assert.Equal("input_audio_buffer_commit_empty", (string)rig.Error()["code"]!);
        Assert.Equal("e1", (string)rig.Error()["event_id"]!);
        Assert.Contains("buffer only has 80.00ms of audio", (string)rig.Error()["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Clearing_forgets_the_turn_that_was_being_heard()
    {
        var rig = new Rig();
        rig.Hear(Rig.Silence(200)).Hear(Rig.Tone(400));
        Assert.Contains("input_audio_buffer.speech_started", rig.Types);

        rig.Send("""{"type":"input_audio_buffer.clear"}""").Forget().Hear(Rig.Silence(1000)).Accepted();

        Assert.Empty(rig.Types);
    }

    [Fact]
    public void Hearing_silence_allocates_nothing()
    {
        var rig = new Rig();
        ReadOnlyMemory<byte> frame = Encoding.UTF8.GetBytes(
            $$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(new byte[960])}}"}""");
        Hear(200);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Hear(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Hear(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                rig.Session.Receive(rig.Now, frame);
            }
        }
    }

    private static double AudioMilliseconds(Rig rig) =>
        rig.All("response.output_audio.delta").Sum(e => Convert.FromBase64String((string)e["delta"]!).Length / 48.0);
}
