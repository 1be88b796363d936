using System.Net.WebSockets;
using OpenAI.Realtime;

namespace Bridge.Rehearsal.Tests;

/// <summary>The stand-in against a client that no one here wrote: the OpenAI .NET package, over a real socket.</summary>
public sealed class OpenAiClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RealtimeConversationSessionOptions Options => new()
    {
        Instructions = "Follow the script.",
        AudioOptions = new RealtimeConversationSessionAudioOptions
        {
            InputAudioOptions = new RealtimeConversationSessionInputAudioOptions
            {
                AudioFormat = new RealtimePcmAudioFormat(),
                AudioTranscriptionOptions = new RealtimeAudioTranscriptionOptions { Model = "gpt-4o-mini-transcribe", Language = "en" },
                NoiseReduction = new RealtimeNoiseReduction(RealtimeNoiseReductionKind.NearField),
                TurnDetection = new RealtimeServerVadTurnDetection { SilenceDuration = TimeSpan.FromMilliseconds(300) },
            },
            OutputAudioOptions = new RealtimeConversationSessionOutputAudioOptions { Voice = RealtimeVoice.Marin, Speed = 1 },
        },
        Tools =
        {
            new RealtimeFunctionTool("show_recipe") { FunctionParameters = BinaryData.FromString("""{"type":"object","properties":{}}""") },
        },
    };

    [Fact]
    public async Task A_voice_turn_is_heard_and_answered_with_audio()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 20 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.ConfigureConversationSessionAsync(Options, Token);
        var updated = await peer.NextAsync<RealtimeServerUpdateSessionUpdated>();
        Assert.NotNull(updated);

        await peer.SpeakAsync([.. Rig.Silence(200), .. Rig.Tone(600), .. Rig.Silence(500)]);

        await peer.NextAsync<RealtimeServerUpdateInputAudioBufferSpeechStarted>();
        await peer.NextAsync<RealtimeServerUpdateInputAudioBufferSpeechStopped>();
        var transcript = await peer.NextAsync<RealtimeServerUpdateConversationItemInputAudioTranscriptionCompleted>();
        Assert.Equal("show me the soup", transcript.Transcript);
        var done = await peer.NextAsync<RealtimeServerUpdateResponseDone>();
        Assert.Equal(RealtimeResponseStatus.Completed, done.Response.Status);
        Assert.True(done.Response.Usage.OutputTokenDetails.AudioTokenCount > 0);
        var audio = peer.Updates.OfType<RealtimeServerUpdateResponseOutputAudioDelta>().Sum(d => d.Delta.ToMemory().Length);
        Assert.Equal(SyntheticVoice.Speak("Here is the soup.", "marin", 1).Length * 2, audio);
        Assert.DoesNotContain(peer.Updates, u => u is RealtimeServerUpdateError);
    }

    [Fact]
    public async Task A_function_call_goes_out_and_its_output_is_spoken()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.ConfigureConversationSessionAsync(Options, Token);
        await peer.Client.AddItemAsync(RealtimeItem.CreateUserMessageItem("soup"), Token);
        await peer.Client.StartResponseAsync(Token);

        var call = await peer.NextAsync<RealtimeServerUpdateResponseFunctionCallArgumentsDone>();
        await peer.NextAsync<RealtimeServerUpdateResponseDone>();
        await peer.Client.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, """{"minutes":25}"""), Token);
        await peer.Client.StartResponseAsync(Token);

        await peer.NextAsync<RealtimeServerUpdateResponseDone>(2);
        var last = peer.Updates.OfType<RealtimeServerUpdateResponseOutputAudioTranscriptDone>().Last();
        Assert.Equal("It takes 25 minutes.", last.Transcript);
        Assert.DoesNotContain(peer.Updates, u => u is RealtimeServerUpdateError);
    }

    [Fact]
    public async Task An_interruption_cancels_the_answer_and_truncates_at_what_was_sent()
    {
        // A long line: on a busy machine, too, it is still being said when the caller speaks.
        await using var host = await RehearsalHost.StartAsync(
            faults: new RehearsalFaults { DeltaPace = 1 }, voice: new TimeCodeVoice(TimeSpan.FromSeconds(20)).SpeakAsync);
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.ConfigureConversationSessionAsync(Options, Token);
        await peer.Client.AddItemAsync(RealtimeItem.CreateUserMessageItem("thank you"), Token);
        await peer.Client.StartResponseAsync(Token);
        var first = await peer.NextAsync<RealtimeServerUpdateResponseOutputAudioDelta>(3);

        await peer.SpeakAsync([.. Rig.Silence(100), .. Rig.Tone(300)]);

        var done = await peer.NextAsync<RealtimeServerUpdateResponseDone>();
        Assert.Equal(RealtimeResponseStatus.Cancelled, done.Response.Status);
        Assert.Equal(RealtimeResponseStatusReason.TurnDetected, done.Response.StatusDetails.Reason);
        await peer.Client.TruncateItemAsync(first.ItemId, 0, TimeSpan.FromMilliseconds(200), Token);
        var truncated = await peer.NextAsync<RealtimeServerUpdateConversationItemTruncated>();
        Assert.Equal(first.ItemId, truncated.ItemId);
        await peer.Client.TruncateItemAsync(first.ItemId, 0, TimeSpan.FromMilliseconds(900), Token);
        var error = await peer.NextAsync<RealtimeServerUpdateError>();
        Assert.Equal("Audio content of 200ms is already shorter than 900ms", error.Error.Message);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(4001)]
    public async Task A_close_with_a_status_ends_the_enumeration(int code)
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { CloseAfterSeconds = 0.2, CloseCode = code });
        await using var peer = await OpenAiPeer.ConnectAsync(host);

        await peer.Pump.WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Null(peer.Failure);
        Assert.Equal((WebSocketCloseStatus)code, peer.Client.WebSocket.CloseStatus);
    }

    [Fact]
    public async Task A_session_cap_says_why_and_closes_with_1001()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { SessionCapSeconds = 0.3 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);

        var error = await peer.NextAsync<RealtimeServerUpdateError>();
        await peer.Pump.WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Equal("session_expired", error.Error.Code);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, peer.Client.WebSocket.CloseStatus);
    }

    [Fact]
    public async Task A_client_that_leaves_leaves_nothing_behind()
    {
        await using var host = await RehearsalHost.StartAsync();
        await using (var peer = await OpenAiPeer.ConnectAsync(host))
        {
            await peer.Client.StartResponseAsync(Token);
            await peer.NextAsync<RealtimeServerUpdateResponseOutputAudioDelta>();
            Assert.Equal(1, host.Server.Sessions);
        }

        await Task.WhenAll(host.Runs).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(0, host.Server.Sessions);
    }

    [Fact]
    public async Task An_abrupt_drop_reaches_the_client_as_a_broken_socket()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DropAfterSeconds = 0.2 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);

        await peer.Pump.WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.IsType<WebSocketException>(peer.Failure);
    }

    private static readonly TimeCodeVoice OneSecond = new(TimeSpan.FromSeconds(1));

    public static TheoryData<string> Paces =>
    [
        // Starving, flooding, all at once, in bursts; and a service that is out of requests.
        """{"delta_pace":0.8}""",
        """{"delta_pace":50}""",
        """{"delta_pace":0}""",
        """{"delta_pace":50,"burst_seconds":0.4}""",
        """{"delta_pace":50,"rate_limit_remaining":0}""",
    ];

    [Theory]
    [MemberData(nameof(Paces))]
    public async Task However_the_deltas_come_the_answer_arrives_whole_and_in_order(string faults)
    {
        Assert.True(RehearsalFaults.TryParse(System.Text.Encoding.UTF8.GetBytes(faults), out var parsed, out var refusal), refusal);
        await using var host = await RehearsalHost.StartAsync(faults: parsed, voice: OneSecond.SpeakAsync);
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.AddItemAsync(RealtimeItem.CreateUserMessageItem("thank you"), Token);
        await peer.Client.StartResponseAsync(Token);

        var done = await peer.NextAsync<RealtimeServerUpdateResponseDone>();

        const string Said = "You are welcome, any time you like to cook again.";
        Assert.Equal(RealtimeResponseStatus.Completed, done.Response.Status);
        var spoken = new MemoryStream();
        foreach (var delta in peer.Updates.OfType<RealtimeServerUpdateResponseOutputAudioDelta>())
        {
            spoken.Write(delta.Delta.ToMemory().Span);
        }

        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes<short>(OneSecond.Speak()).ToArray(), spoken.ToArray());
        Assert.Equal(10, peer.Updates.OfType<RealtimeServerUpdateResponseOutputAudioDelta>().Count());
        Assert.Equal(
            Said,
            string.Concat(peer.Updates.OfType<RealtimeServerUpdateResponseOutputAudioTranscriptDelta>().Select(d => d.Delta)).TrimEnd());
        var limits = Assert.Single(peer.Updates.OfType<RealtimeServerUpdateRateLimitsUpdated>());
        Assert.Equal(parsed.RateLimitRemaining == 0, limits.RateLimitDetails.All(l => l.RemainingCount == 0));
        Assert.DoesNotContain(peer.Updates, u => u is RealtimeServerUpdateError);
    }

    [Fact]
    public async Task A_delayed_transcript_comes_after_the_answer_and_names_the_callers_item()
    {
        await using var host = await RehearsalHost.StartAsync(
            faults: new RehearsalFaults { DeltaPace = 0, ThinkSeconds = 0, TranscriptDelaySeconds = 3 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.ConfigureConversationSessionAsync(Options, Token);
        await peer.NextAsync<RealtimeServerUpdateSessionUpdated>();

        await peer.SpeakAsync([.. Rig.Silence(200), .. Rig.Tone(600), .. Rig.Silence(500)]);
        var transcript = await peer.NextAsync<RealtimeServerUpdateConversationItemInputAudioTranscriptionCompleted>();

        var order = peer.Updates.ToList();
        Assert.InRange(order.FindIndex(u => u is RealtimeServerUpdateResponseDone), 0, order.IndexOf(transcript) - 1);
        Assert.Equal((await peer.NextAsync<RealtimeServerUpdateInputAudioBufferCommitted>()).ItemId, transcript.ItemId);
        Assert.Equal("show me the soup", transcript.Transcript);
    }

    [Fact]
    public async Task Malformed_and_unknown_events_do_not_end_the_session()
    {
        await using var host = await RehearsalHost.StartAsync(
            faults: new RehearsalFaults { DeltaPace = 0, MalformedEvery = 5, UnknownEvery = 7 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.Client.AddItemAsync(RealtimeItem.CreateUserMessageItem("thank you"), Token);
        await peer.Client.StartResponseAsync(Token);

        var done = await peer.NextAsync<RealtimeServerUpdateResponseDone>();

        Assert.Equal(RealtimeResponseStatus.Completed, done.Response.Status);
        Assert.True(peer.Unreadable > 0);
        Assert.Contains(peer.Updates, u => u.Kind.ToString() == "rehearsal.unheard_of");
    }

    [Fact]
    public async Task Faults_can_change_while_a_session_runs()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 });
        await using var peer = await OpenAiPeer.ConnectAsync(host);
        await peer.NextAsync<RealtimeServerUpdateSessionCreated>();

        host.Server.Faults = new RehearsalFaults { DeltaPace = 0, FailResponses = 1 };
        // The change and the command reach the session through one inbox, the change first.
        await peer.Client.StartResponseAsync(Token);
        var failed = await peer.NextAsync<RealtimeServerUpdateResponseDone>();
        await peer.Client.StartResponseAsync(Token);
        var fine = await peer.NextAsync<RealtimeServerUpdateResponseDone>(2);

        Assert.Equal(RealtimeResponseStatus.Failed, failed.Response.Status);
        Assert.Equal("server_error", failed.Response.StatusDetails.Error.Code);
        Assert.Equal(RealtimeResponseStatus.Completed, fine.Response.Status);
    }

    [Fact]
    public async Task An_unknown_model_is_refused()
    {
        await using var host = await RehearsalHost.StartAsync();
        await using var peer = await OpenAiPeer.ConnectAsync(host, "gpt-unheard-of");

        var error = await peer.NextAsync<RealtimeServerUpdateError>();
        await peer.Pump.WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Equal("model_not_found", error.Error.Code);
        Assert.Equal((WebSocketCloseStatus)4000, peer.Client.WebSocket.CloseStatus);
    }
}
