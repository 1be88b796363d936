using System.Text;

namespace Bridge.Rehearsal.Tests;

public sealed class FaultTests
{
    [Fact]
    public void Slow_deltas_starve_the_client_and_still_arrive_whole()
    {
        var rig = new Rig(faults: new RehearsalFaults { DeltaPace = 0.5 }) { Voice = _ => Rig.Tone(2000) };
        rig.Respond().Run(2120);

        Assert.InRange(Milliseconds(rig), 900, 1200);
        rig.Run(3000).Accepted();
        Assert.Equal(2000, Milliseconds(rig));
    }

    [Fact]
    public void Deltas_may_come_all_at_once()
    {
        var rig = new Rig(faults: new RehearsalFaults { DeltaPace = 0, ThinkSeconds = 0 }) { Voice = _ => Rig.Tone(60_000) };

        rig.Respond().Accepted();

        Assert.Equal(60_000, Milliseconds(rig));
        Assert.Equal("response.done", rig.Types.Last());
    }

    [Fact]
    public void Bursts_keep_the_pace_on_average()
    {
        var rig = new Rig(faults: new RehearsalFaults { DeltaPace = 2, BurstSeconds = 1 }) { Voice = _ => Rig.Tone(4000) };
        rig.Respond();

        rig.Run(200);
        Assert.Equal(1000, Milliseconds(rig));
        rig.Run(300);
        Assert.Equal(1000, Milliseconds(rig));
        rig.Run(200);
        Assert.Equal(2000, Milliseconds(rig));
        rig.Run(2000);
        Assert.Equal(4000, Milliseconds(rig));
    }

    [Fact]
    public void A_delayed_transcript_arrives_after_the_answer_and_names_its_item()
    {
        var rig = new Rig(faults: new RehearsalFaults { TranscriptDelaySeconds = 10 });
        rig.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"}}}").Say().Run(20_000).Accepted();

        var types = rig.Types.ToList();
        Assert.True(types.IndexOf("response.done") < types.IndexOf("conversation.item.input_audio_transcription.completed"));
        Assert.Equal(
            (string)rig.Last("input_audio_buffer.committed")["item_id"]!,
            (string)rig.Last("conversation.item.input_audio_transcription.completed")["item_id"]!);
    }

    [Fact]
    public void A_wedged_session_fails_every_response()
    {
        var rig = new Rig(faults: new RehearsalFaults { FailResponses = -1 });
        for (var round = 0; round < 4; round++)
        {
            rig.Respond().Run(1000);
        }

        Assert.Equal(4, rig.All("response.done").Count());
        Assert.All(
            rig.All("response.done"),
            done => Assert.Equal("server_error", (string)done["response"]!["status_details"]!["error"]!["code"]!));
    }

    [Fact]
    public void A_number_of_failures_is_counted_per_change_of_faults()
    {
        var rig = new Rig(faults: new RehearsalFaults { FailResponses = 1, FailCode = "rate_limit_exceeded" });
        rig.Respond().Run(5000).Respond().Run(5000);
        rig.Session.Faults = new RehearsalFaults { FailResponses = 1 };
        rig.Respond().Run(5000).Respond().Run(5000);

        Assert.Equal(
            ["rate_limit_exceeded", null, "server_error", null],
            rig.All("response.done").Select(d => (string?)d["response"]!["status_details"]?["error"]?["code"]));
    }

    [Fact]
    public void A_session_cap_set_later_counts_from_the_start()
    {
        var rig = new Rig();
        rig.Run(10_000);

        rig.Session.Faults = new RehearsalFaults { SessionCapSeconds = 15 };
        rig.Update("\"tool_choice\":\"auto\"");
        Assert.Equal(Rig.Wall.AddSeconds(15).ToUnixTimeSeconds(), (long)rig.Last("session.updated")["session"]!["expires_at"]!);
        rig.Run(4999);
        Assert.Null(rig.End);
        rig.Run(1);

        Assert.Equal(new RehearsalOutput.Close(1001, "Your session hit the maximum duration of 15 seconds."), rig.End);
    }

    [Fact]
    public void A_drop_comes_after_so_many_events_and_nothing_follows_it()
    {
        var rig = new Rig(faults: new RehearsalFaults { DropAfterEvents = 8 }) { Voice = _ => Rig.Tone(5000) };

        rig.Respond().Run(10_000).Respond().Run(1000);

        Assert.Equal(8, rig.Events.Count);
        Assert.IsType<RehearsalOutput.Drop>(rig.End);
        Assert.True(rig.Session.Ended);
    }

    [Fact]
    public void A_broken_message_is_really_broken()
    {
        var rig = new Rig(faults: new RehearsalFaults { MalformedEvery = 3 });
        rig.Respond().Run(5000);

        var broken = rig.Raw.Count - rig.Events.Count;
        Assert.True(broken >= 3);
        Assert.Equal("completed", (string)rig.Last("response.done")["response"]!["status"]!);
    }

    [Fact]
    public void Rate_limits_can_be_made_to_look_exhausted()
    {
        var rig = new Rig(faults: new RehearsalFaults { RateLimitRemaining = 0 });

        rig.Respond();

        Assert.All(rig.Last("rate_limits.updated")["rate_limits"]!.AsArray(), limit => Assert.Equal(0, (int)limit!["remaining"]!));
    }

    [Fact]
    public void An_answer_can_be_text_where_audio_was_asked_for()
    {
        var rig = new Rig(faults: new RehearsalFaults { TextOnly = true });
        rig.Respond().Run(5000).Accepted();

        Assert.Empty(rig.All("response.output_audio.delta"));
        Assert.Equal("output_text", (string)rig.Last("response.done")["response"]!["output"]![0]!["content"]![0]!["type"]!);
        Assert.NotEmpty(rig.All("response.output_text.delta"));
    }

    [Fact]
    public void Calls_can_share_one_id_and_are_items_of_their_own()
    {
        var rig = new Rig(faults: new RehearsalFaults { RepeatCallIds = true });
        rig.Update(Scripts.Tools).Accepted();
        for (var round = 0; round < 2; round++)
        {
            rig.Write("soup please").Respond().Run(5000).Accepted();
        }

        var calls = rig.All("response.function_call_arguments.done").ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.Equal("call_0", (string)call["call_id"]!));
        Assert.NotEqual((string)calls[0]["item_id"]!, (string)calls[1]["item_id"]!);
    }

    [Fact]
    public void Texts_can_end_in_half_a_surrogate_pair()
    {
        var rig = new Rig(faults: new RehearsalFaults { LoneSurrogates = true });
        rig.Respond().Run(5000);

        var done = rig.Raw.Select(Encoding.UTF8.GetString)
            .Last(raw => raw.Contains("output_audio_transcript.done", StringComparison.Ordinal));
        Assert.EndsWith("\\ud83d\"}", done, StringComparison.Ordinal);
        using var parsed = System.Text.Json.JsonDocument.Parse(done);
        Assert.Throws<InvalidOperationException>(() => parsed.RootElement.GetProperty("transcript").GetString());
    }

    [Fact]
    public void A_model_that_reasons_says_so_once_a_second_with_the_response_s_id()
    {
        var rig = new Rig(faults: new RehearsalFaults { Reasoning = true, ThinkSeconds = 3.5 });
        rig.Respond().Run(20_000).Accepted();

        var id = (string)rig.Last("response.created")["response"]!["id"]!;
        var deltas = rig.All("response.reasoning_summary_text.delta").ToList();
        Assert.Equal(4, deltas.Count);
        Assert.All(deltas, delta => Assert.Equal(id, (string)delta["response_id"]!));
        Assert.Equal("completed", (string)rig.Last("response.done")["response"]!["status"]!);
    }

    [Fact]
    public void An_error_can_go_before_the_close()
    {
        var rig = new Rig(faults: new RehearsalFaults { CloseAfterSeconds = 1, CloseCode = 4000, CloseError = "insufficient_quota" });
        rig.Run(1000);

        Assert.Equal("insufficient_quota", (string)rig.Error()["code"]!);
        Assert.Equal(new RehearsalOutput.Close(4000, "Closed by request of a fault."), rig.End);
    }

    [Fact]
    public void Updates_can_be_refused_and_change_nothing()
    {
        var rig = new Rig(faults: new RehearsalFaults
        {
            RefuseUpdates = 1, RefuseCode = "invalid_function_parameters", RefuseParam = "session.tools[2].parameters",
        });
        rig.Update("\"instructions\":\"First.\"");
        Assert.Equal("invalid_function_parameters", (string)rig.Error()["code"]!);
        Assert.Equal("session.tools[2].parameters", (string)rig.Error()["param"]!);
        Assert.Empty(rig.All("session.updated"));

        rig.Update("\"instructions\":\"Second.\"");
        Assert.Equal("Second.", (string)rig.Last("session.updated")["session"]!["instructions"]!);
    }

    [Theory]
    [InlineData("""{"handshake_status":200}""", "handshake_status must be 400 to 599.")]
    [InlineData("""{"handshake_status":429,"close_error":"insufficient_quota","refuse_updates":-1,"text_only":true,"repeat_call_ids":true,"lone_surrogates":true,"reasoning":true}""", null)]
    [InlineData("""{"session_cap_seconds":15,"close_code":4001,"delta_pace":0}""", null)]
    [InlineData("""{"session_cap_seconds":0}""", "session_cap_seconds must be above 0.")]
    [InlineData("""{"close_code":5000}""", "close_code must be 1000, 1001, 1011 or 3000 to 4999.")]
    [InlineData("""{"drop_afer_seconds":3}""", "drop_afer_seconds")]
    [InlineData("""{"fail_responses":"many"}""", "fail_responses")]
    [InlineData("""[]""", "RehearsalFaults")]
    [InlineData("""{""", "depth")]
    public void Faults_are_read_strictly(string json, string? refusal)
    {
        var read = RehearsalFaults.TryParse(Encoding.UTF8.GetBytes(json), out var faults, out var why);

        Assert.Equal(refusal is null, read);
        Assert.Contains(refusal ?? "", why ?? "", StringComparison.Ordinal);
        Assert.True(RehearsalFaults.TryParse(Encoding.UTF8.GetBytes(faults.ToJson()), out var again, out _));
        Assert.Equal(faults, again);
    }

    private static double Milliseconds(Rig rig) =>
        rig.All("response.output_audio.delta").Sum(e => Convert.FromBase64String((string)e["delta"]!).Length / 48.0);
}
