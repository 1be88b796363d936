using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

/// <summary>The stand-in against the <c>openai</c> package from npm, in Node, over a real socket.</summary>
public sealed class NpmClientTests
{
    [Fact]
    public async Task A_voice_turn_is_heard_and_answered()
    {
        var seen = await PlayAsync("voice", new RehearsalFaults { DeltaPace = 20 });

        Assert.Equal("show me the soup", (string)seen["transcripts"]![0]!);
        Assert.Equal("Here is the soup.", (string)seen["said"]![0]!);
        Assert.Equal(SyntheticVoice.Speak("Here is the soup.", "marin", 1).Length * 2, (int)seen["audioBytes"]!);
        Assert.Equal("[\"completed\"]", seen["statuses"]!.ToJsonString());
        Assert.Empty(seen["errors"]!.AsArray());
    }

    [Fact]
    public async Task A_function_call_goes_out_and_its_output_is_spoken()
    {
        var seen = await PlayAsync("call", new RehearsalFaults { DeltaPace = 0 });

        Assert.Equal("show_recipe", (string)seen["calls"]![0]![0]!);
        Assert.Equal("""{"name":"tomato soup"}""", (string)seen["calls"]![0]![1]!);
        Assert.Equal("It takes 25 minutes.", (string)seen["said"]!.AsArray()[^1]!);
        Assert.Empty(seen["errors"]!.AsArray());
    }

    [Fact]
    public async Task An_interruption_cancels_the_answer()
    {
        var seen = await PlayAsync(
            "interruption", new RehearsalFaults { DeltaPace = 1 }, new TimeCodeVoice(TimeSpan.FromSeconds(20)).SpeakAsync);

        Assert.Equal("cancelled", (string)seen["statuses"]![0]!);
        Assert.Equal(150, (int)seen["truncated"]!);
        Assert.Empty(seen["errors"]!.AsArray());
    }

    [Fact]
    public async Task A_delayed_transcript_comes_after_the_answer()
    {
        var seen = await PlayAsync("voice", new RehearsalFaults { DeltaPace = 0, ThinkSeconds = 0, TranscriptDelaySeconds = 3 });

        var types = seen["types"]!.AsArray().Select(t => (string)t!).ToList();
        Assert.InRange(types.IndexOf("response.done"), 0, types.IndexOf("conversation.item.input_audio_transcription.completed") - 1);
        Assert.Equal("show me the soup", (string)seen["transcripts"]![0]!);
        Assert.Empty(seen["errors"]!.AsArray());
    }

    public static TheoryData<string, string> Faults => new()
    {
        { """{"session_cap_seconds":1,"think_seconds":30}""", "closed 1001 after session_expired" },
        { """{"close_after_seconds":1,"close_code":4001,"think_seconds":30}""", "closed 4001" },
        { """{"close_after_seconds":1,"close_code":1000,"think_seconds":30}""", "closed 1000" },
        { """{"drop_after_seconds":1,"think_seconds":30}""", "closed 1006" },
        { """{"fail_responses":1}""", "failed" },
        { """{"delta_pace":0,"malformed_every":4}""", "completed after could not parse websocket event" },
        { """{"delta_pace":0,"unknown_every":4}""", "completed with rehearsal.unheard_of" },
        { """{"delta_pace":0.8}""", "completed" },
        { """{"delta_pace":50,"burst_seconds":2}""", "completed" },
        { """{"delta_pace":8,"rate_limit_remaining":0}""", "completed" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_reaches_the_client_as_what_it_is(string faults, string outcome)
    {
        Assert.True(RehearsalFaults.TryParse(System.Text.Encoding.UTF8.GetBytes(faults), out var parsed, out var refusal), refusal);

        var seen = await PlayAsync("fault", parsed);

        var errors = seen["errors"]!.AsArray().Select(e => (string)e!).Distinct().ToList();
        var end = seen["close"] is { } code ? $"closed {code}" : (string)seen["statuses"]![0]!;
        var what = errors.Count > 0 ? $"{end} after {string.Join(", ", errors)}" : end;
        what += seen["types"]!.AsArray().Any(t => (string)t! == "rehearsal.unheard_of") ? " with rehearsal.unheard_of" : "";
        Assert.Equal(outcome, what);
    }

    [Fact]
    public async Task The_agents_package_asks_and_answers_a_function_call()
    {
        NpmPeer.SkipUnlessInstalled();
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 20 });
        var seen = await NpmPeer.RunAsync(
            "agents-peer.mjs",
            $"{host.Address.Replace("http", "ws", StringComparison.Ordinal)}/rehearsal/v1/realtime?model=rehearsal/test");
        Assert.Equal("""[{"name":"tomato soup"}]""", seen["calls"]!.ToJsonString());
        Assert.Equal("It takes 25 minutes.", (string)seen["said"]!.AsArray()[^1]!);
        Assert.NotEqual(0, (int)seen["audioBytes"]!);
        Assert.Empty(seen["errors"]!.AsArray());
    }

    [Fact]
    public async Task The_client_events_have_the_properties_of_the_packages_types()
    {
        NpmPeer.SkipUnlessInstalled();
        var both = await NpmPeer.RunAsync(
            "published-types.mjs", Path.Combine(Vectors.Root, "src", "Rehearsal", "client-events.schema.json"));
        Assert.True((int)both["count"]! > 150, both.ToJsonString());
        Assert.Empty(both["publishedOnly"]!.AsArray());
        Assert.Empty(both["oursOnly"]!.AsArray());
    }

    private static async Task<JsonNode> PlayAsync(string scenario, RehearsalFaults faults, SpeechVoice? voice = null)
    {
        NpmPeer.SkipUnlessInstalled();
        await using var host = await RehearsalHost.StartAsync(faults: faults, voice: voice);
        return await NpmPeer.RunAsync("openai-peer.mjs", $"{host.SecureAddress}/rehearsal/v1", scenario);
    }
}
