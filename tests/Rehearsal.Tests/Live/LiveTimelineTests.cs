using System.Text.Json.Nodes;
using Bridge.Rehearsal.Live;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>The timeline: audio in moves it, audio and transcripts come out of it, and only the model's own ear stops its speech.</summary>
public sealed class LiveTimelineTests
{
    [Fact]
    public void Each_100_ms_of_input_give_100_ms_of_silence()
    {
        var rig = LiveRig.Started().Forget();
        rig.Run(2000);
        Assert.Empty(rig.Events);

        rig.Quiet(1000);

        Assert.Equal(10, rig.All("session.output_audio.delta").Count());
        Assert.Equal(24_000, rig.Output.Count);
        Assert.All(rig.Output, sample => Assert.Equal(0, sample));
        Assert.All(rig.All("session.output_audio.delta"), e => Assert.Equal(["type", "delta"], e.Select(field => field.Key)));
    }

    [Fact]
    public void A_burst_of_input_is_heard_whole()
    {
        var rig = LiveRig.Started().Forget();
        rig.Audio(new byte[48_000 * 3]);
        Assert.Equal(30, rig.All("session.output_audio.delta").Count());
    }

    [Fact]
    public void Pieces_of_any_length_add_up()
    {
        var rig = LiveRig.Started().Forget();
        for (var left = 48_000; left > 0; left -= 2 * 37)
        {
            rig.Audio(new byte[Math.Min(2 * 37, left)]);
        }

        Assert.Equal(10, rig.All("session.output_audio.delta").Count());
    }

    [Fact]
    public void A_greeting_by_commentary_is_spoken_word_for_word_about_850_ms_later()
    {
        var rig = LiveRig.Started().Forget();
        rig.Append("commentary", "Welcome to the kitchen.").Quiet(4000).Accepted();

        Assert.Equal("Welcome to the kitchen.", rig.Said);
        var first = rig.Output.FindIndex(sample => sample != 0) / 24;
        Assert.InRange(first, 400, 1000);
        var transcripts = rig.All("session.output_transcript.delta").ToList();
        Assert.Equal("Welcome", (string)transcripts[0]["delta"]!);
        Assert.All(transcripts.Skip(1), e => Assert.StartsWith(" ", (string)e["delta"]!, StringComparison.Ordinal));
        Assert.All(transcripts, e =>
        {
            Assert.Equal(0, (long)e["start_ms"]! % 200);
            Assert.Equal((long)e["start_ms"]! + 200, (long)e["end_ms"]!);
        });
        Assert.Equal(first, (long)transcripts[0]["start_ms"]!);

        // 60 ms a character, then exact zeros.
        Assert.Equal(23 * 60, rig.Output.Count(sample => sample != 0) / 24);
    }

    [Fact]
    public void A_pause_within_speech_has_samples_of_1_and_silence_has_none()
    {
        var silent = new LiveSilence("Hm.");
        Assert.Equal(180 * 24, silent.Output.Count(sample => sample is 1 or -1));
        Assert.Equal(silent.Output.Count - (180 * 24), silent.Output.Count(sample => sample == 0));
    }

    [Fact]
    public void The_second_utterance_begins_without_a_blank_in_a_cell_of_its_own()
    {
        var rig = LiveRig.Started().Forget();
        rig.Append("commentary", "One two.").Append("commentary", "Three four.").Quiet(5000);
        Assert.Equal("One two.Three four.", rig.Said);
        Assert.Equal(["One", " two.", "Three", " four."], rig.All("session.output_transcript.delta").Select(e => (string)e["delta"]!));
    }

    [Fact]
    public void What_the_person_says_is_transcribed_while_they_say_it_and_answered_by_the_script()
    {
        var script = Scripts.Demo with { Hears = ["thank you very much"] };
        var rig = LiveRig.Started(script: script).Forget();
        rig.Say().Quiet(5000).Accepted();

        Assert.Equal("thank you very much", rig.Heard);
        Assert.Equal("You are welcome, any time you like to cook again.", rig.Said);
        var types = rig.Types.ToList();
        Assert.True(types.IndexOf("session.input_transcript.delta") < types.IndexOf("session.output_transcript.delta"));
        Assert.DoesNotContain(types, type => type.Contains("speech", StringComparison.Ordinal));
        Assert.True(rig.All("session.input_transcript.delta").Count() > 1);
    }

    [Fact]
    public void Speech_of_the_person_stops_the_model_without_any_event()
    {
        var rig = LiveRig.Started(script: Scripts.Demo with { Hears = ["thank you"] }).Forget();
        rig.Append("commentary", "This is a long sentence that nobody wants to hear to its end today.").Quiet(2000).Forget();
        rig.Hear(Rig.Tone(400));

        Assert.All(rig.Output.Skip(LiveTimeline.DeltaSamples), sample => Assert.Equal(0, sample));
        Assert.All(rig.Types, type => Assert.Contains(
            type, new[] { "session.output_audio.delta", "session.output_transcript.delta", "session.input_transcript.delta" }));
    }

    [Fact]
    public void A_cough_stops_the_model_and_it_goes_on_with_the_rest()
    {
        var rig = LiveRig.Started().Forget();
        const string Line = "This is a long sentence that somebody wants to hear to its end today.";
        rig.Append("commentary", Line).Quiet(2500).Hear(Rig.Tone(100)).Quiet(6000);

        Assert.Empty(rig.Heard);
        Assert.StartsWith("This is", rig.Said, StringComparison.Ordinal);
        Assert.EndsWith("today.", rig.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"type\":\"audio/pcm\",\"rate\":16000}", 3200)]
    [InlineData("{\"type\":\"audio/pcmu\",\"rate\":8000}", 800)]
    [InlineData("{\"type\":\"audio/pcma\",\"rate\":8000}", 800)]
    public void A_format_is_for_both_directions(string format, int bytes)
    {
        var rig = LiveRig.Started(",\"audio\":{\"format\":" + format + "}").Forget();
        for (var i = 0; i < 10; i++)
        {
            rig.Audio(new byte[bytes]);
        }

        Assert.Equal(10, rig.All("session.output_audio.delta").Count());
        Assert.All(
            rig.All("session.output_audio.delta"), e => Assert.Equal(bytes, Convert.FromBase64String((string)e["delta"]!).Length));
    }

    [Fact]
    public void Muted_input_is_heard_as_silence_and_the_clock_goes_on()
    {
        var rig = LiveRig.Started();
        rig.Send("""{"type":"session.input_audio.mute"}""").Forget();
        rig.Say().Accepted();
        Assert.Empty(rig.Heard);
        Assert.Equal(23, rig.All("session.output_audio.delta").Count());

        rig.Send("""{"type":"session.input_audio.unmute"}""").Say();
        Assert.Contains("session.input_audio.unmuted", rig.Types);
        Assert.NotEmpty(rig.Heard);
    }

    [Theory]
    [InlineData("AAAA", "invalid_audio | PCM16 audio must contain an even number of bytes | audio | a1")]
    [InlineData("", "invalid_audio | Audio must not be empty | audio | a1")]
    [InlineData("***", "invalid_audio | Audio must be valid base64 | audio | a1")]
    public void Audio_that_is_none_is_refused(string audio, string error)
    {
        var rig = LiveRig.Started();
        rig.Send($$"""{"type":"session.input_audio.append","audio":"{{audio}}","event_id":"a1"}""");
        Assert.Equal(error, rig.Error());
    }

    [Fact]
    public void Usage_is_the_timeline_in_whole_seconds_cumulative()
    {
        var rig = LiveRig.Started().Forget();
        rig.Quiet(7400).Run(7700);
        Assert.Equal(7, (int)rig.Last("session.usage.updated")["usage"]!["seconds"]!);
        Assert.InRange((double)rig.Last("session.usage.updated")["context_window"]!["usage_ratio"]!, 0, 1);
        rig.Quiet(15_000);
        Assert.Equal([7, 21], rig.All("session.usage.updated").Select(e => (int)e["usage"]!["seconds"]!));
    }

    [Fact]
    public void A_fixture_plays_mutes_the_input_and_refuses_appends_meanwhile()
    {
        var rig = LiveRig.Started().Forget();
        var audio = Convert.ToBase64String(Enumerable.Range(0, 48_000).Select(i => (byte)(i % 7)).ToArray());
        rig.Send($$"""{"type":"session.output_audio.fixture.play","audio":"{{audio}}","event_id":"f1"}""");
        rig.Append("commentary", "Now.");
        Assert.Equal("null | Context cannot be appended while an audio fixture is playing. | type | a1", rig.Error());
        rig.Send($$"""{"type":"session.output_audio.fixture.play","audio":"{{audio}}","event_id":"f2"}""");
        Assert.Equal("null | An audio fixture is already playing. | type | f2", rig.Error());
        rig.Forget().Hear(Rig.Tone(1000)).Quiet(1500);

        Assert.Equal(48_000, rig.Output.Take(24_000).Count() * 2);
        Assert.NotEqual(0, rig.Output[23_990]);
        Assert.Equal(0, rig.Output[24_010]);
        Assert.Single(rig.All("session.output_audio.fixture.played"));
        Assert.Empty(rig.Heard);
    }

    [Fact]
    public void A_fixture_of_more_than_30_seconds_is_refused()
    {
        var rig = LiveRig.Started();
        var audio = Convert.ToBase64String(new byte[1_440_002]);
        rig.Send($$"""{"type":"session.output_audio.fixture.play","audio":"{{audio}}","event_id":"f1"}""");
        Assert.Equal("invalid_audio | An audio fixture must not exceed 30 seconds | audio | f1", rig.Error());
    }

    /// <summary>A session whose voice says nothing for as long as the words would take.</summary>
    private sealed class LiveSilence
    {
        public LiveSilence(string line)
        {
            var session = new LiveRehearsalSession(
                _ => new RehearsalScript(), EnergySpeech.Create(), RehearsalFaults.None, TimeSpan.FromHours(2), 1);
            var now = TimeSpan.Zero;
            session.Open(now, Rig.Wall);
            session.Receive(now, """{"type":"session.start","session":{"model":"gpt-live-1"}}"""u8.ToArray());
            now = TimeSpan.FromSeconds(1);
            session.Advance(now);
            Send($$"""{"type":"session.commentary.append","delegation_id":null,"content":"{{line}}"}""");
            for (var i = 0; i < 20; i++)
            {
                var audio = Convert.ToBase64String(new byte[4800]);
                Send($$"""{"type":"session.input_audio.append","audio":"{{audio}}"}""");
                while (session.TryTake(out var output))
                {
                    switch (output)
                    {
                        case RehearsalOutput.Speak speak:
                            session.Spoken(now, speak.Request, new short[line.Length * 60 * 24]);
                            break;
                        case RehearsalOutput.Send(var utf8) when JsonNode.Parse(utf8.Span)!["delta"] is { } delta
                            && (string)JsonNode.Parse(utf8.Span)!["type"]! == "session.output_audio.delta":
                            Output.AddRange(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(
                                Convert.FromBase64String((string)delta!)));
                            break;
                    }
                }
            }

            void Send(string json) => session.Receive(now, System.Text.Encoding.UTF8.GetBytes(json));
        }

        public List<short> Output { get; } = [];
    }
}
