using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Tests;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>The turn machine and the session over the OpenAI package, against the rehearsal model on a real socket.</summary>
public class OpenAiModelSessionTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings
        {
            Instructions = "Cook.",
            TranscriptionModel = "gpt-4o-mini-transcribe",
            Tools = [Tool("show_recipe"), Tool("step"), Tool("timer")],
        },
        RecapInstructions = "Sum up.",
        OpenRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    private static ModelTool Tool(string name)
    {
        using var schema = System.Text.Json.JsonDocument.Parse("""{"type":"object","properties":{}}""");
        return new ModelTool(name, "A tool.", schema.RootElement.Clone());
    }

    private static ModelEndpoint Endpoint(RehearsalHost host) =>
        new() { BaseUrl = host.Endpoint, Key = "test", Model = "rehearsal/test" };

    private static bool IsAgentEnd(TurnCommand.ShowTranscript shown) => shown.Line is { Speaker: Speaker.Agent, Final: true };

    [Fact]
    public async Task A_greeting_a_typed_turn_with_a_tool_and_a_recap_pass_over_a_real_socket()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 });
        await using var call = new SocketCall(Endpoint(host), Options with { SpeaksFirst = true })
        {
            Tool = tool =>
                tool.Name == "show_recipe" && tool.ArgumentsJson.Contains("soup", StringComparison.Ordinal) ? """{"minutes":25}""" : "{}",
        };
        Assert.Equal("Hello there.", (await call.UntilAsync<TurnCommand.ShowTranscript>(IsAgentEnd)).Line.Text);
        call.Post(new TurnInput.PageText("A soup, please."));
        await call.UntilAsync<TurnCommand.ShowTranscript>(
            s => IsAgentEnd(s) && s.Line.Text.Contains("25 minutes", StringComparison.Ordinal));
        call.Post(new TurnInput.HangUpRequested("hangup"));
        Assert.Contains("Recap", (await call.UntilAsync<TurnCommand.ShowRecap>(_ => true)).Markdown);
        await call.UntilAsync<TurnCommand.EndCall>(_ => true);
        Assert.Empty(call.Problems);
        Assert.True(call.AudioBytes > 48_000);
        Assert.True(call.Machine.Conversation.Usage.OutputAudio > 0);
    }

    [Fact]
    public async Task A_spoken_turn_is_heard_transcribed_and_answered()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 });
        await using var call = new SocketCall(Endpoint(host), Options);
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true);
        call.Hear(Rig.Silence(400));
        call.Hear(Rig.Tone(1200));
        call.Hear(Rig.Silence(800));
        await call.UntilAsync<TurnCommand.ShowTranscript>(s => s.Line is { Speaker: Speaker.User, Final: true, Text: "show me the soup" });
        await call.UntilAsync<TurnCommand.ShowTranscript>(IsAgentEnd, 2);
        Assert.Empty(call.Problems);
    }

    [Theory]
    [InlineData("""{"drop_after_events": 14}""")]
    [InlineData("""{"close_after_seconds": 0.3, "close_code": 4001}""")]
    [InlineData("""{"close_after_seconds": 0.3, "close_code": 1000}""")]
    public async Task A_connection_that_ends_in_the_answer_costs_no_turn(string faults)
    {
        Assert.True(RehearsalFaults.TryParse(System.Text.Encoding.UTF8.GetBytes(faults), out var parsed, out _));
        await using var host = await RehearsalHost.StartAsync(faults: parsed);
        await using var call = new SocketCall(Endpoint(host), Options);
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true);
        call.Post(new TurnInput.PageText("Thank you."));
        await call.UntilAsync<TurnCommand.ReportProblem>(p => p.Code == "session_lost");
        host.Server.Faults = RehearsalFaults.None;
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true, 2);
        call.Post(new TurnInput.PageText("More?"));
        await call.UntilAsync<TurnCommand.ShowTranscript>(
            s => IsAgentEnd(s) && s.Line.Text.Contains("did not get", StringComparison.Ordinal));
        Assert.Equal(
            ["Thank you.", "More?"], call.Machine.Conversation.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text));
        Assert.DoesNotContain(call.Problems, p => p.StartsWith("model_refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Broken_json_and_unknown_events_are_counted_and_survived()
    {
        await using var host = await RehearsalHost.StartAsync(
            faults: new RehearsalFaults { MalformedEvery = 3, UnknownEvery = 4, DeltaPace = 0 });
        await using var call = new SocketCall(Endpoint(host), Options);
        call.Post(new TurnInput.PageText("Thank you."));
        await call.UntilAsync<TurnCommand.ShowTranscript>(IsAgentEnd);
        Assert.Contains(call.Problems, p => p.StartsWith("model_malformed", StringComparison.Ordinal));
        Assert.DoesNotContain(call.Problems, p => p.StartsWith("session_lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failing_responses_are_asked_again_until_one_succeeds()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { FailResponses = 2, DeltaPace = 0 });
        await using var call = new SocketCall(Endpoint(host), Options);
        call.Post(new TurnInput.PageText("Thank you."));
        await call.UntilAsync<TurnCommand.ShowTranscript>(IsAgentEnd);
        Assert.Equal(2, call.Problems.Count(p => p.StartsWith("response_failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_close_is_seen_and_its_code_kept()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { CloseAfterSeconds = 0.1, CloseCode = 4001 });
        await using var session = await OpenAiModelSession.ConnectAsync(
            Endpoint(host), TimeProvider.System, TestContext.Current.CancellationToken);
        await foreach (var what in session.Events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.IsNotType<ModelEvent.Malformed>(what);
        }

        Assert.Equal((ModelSessionEndKind.ClosedByServer, 4001), (session.End!.Kind, session.End.CloseStatus));
        Assert.False(session.TryAppendAudio(new short[480]));
        Assert.False(session.TrySend(new ModelCommand.ClearInput()));
        await session.SendAsync(new ModelCommand.ClearInput(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_life_of_a_session_is_known_when_it_opens()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { SessionCapSeconds = 90 });
        await using var session = await OpenAiModelSession.ConnectAsync(
            Endpoint(host), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.InRange(session.ExpiresAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(91));
    }

    [Fact]
    public async Task An_unknown_model_and_a_closed_port_are_refused_in_a_sentence_without_the_key()
    {
        await using var host = await RehearsalHost.StartAsync();
        var endpoint = Endpoint(host) with { Model = "nobody", Key = "sk-secret" };
        var refused = await Assert.ThrowsAsync<ModelSessionException>(
            () => OpenAiModelSession.ConnectAsync(endpoint, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("sk-secret", refused.ToString());
        var closed = endpoint with { BaseUrl = new Uri("http://127.0.0.1:9/v1") };
        var unreachable = await Assert.ThrowsAsync<ModelSessionException>(
            () => OpenAiModelSession.ConnectAsync(closed, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Contains("can't be reached", unreachable.Message);
        Assert.DoesNotContain("sk-secret", endpoint.ToString());
    }
}
