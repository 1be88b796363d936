using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Tests;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>The same call with each server that people host themselves, played by the rehearsal model over a real socket.</summary>
public sealed class ProfileCallTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings
        {
            Instructions = "Cook.",
            Voice = "alloy",
            TranscriptionModel = "gpt-transcribe",
            TranscriptionLanguage = "en",
            Tools = [Tool("show_recipe"), Tool("step"), Tool("timer")],
        },
        RecapInstructions = "Sum up.",
        OpenRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    // What each server makes the call report, and nothing else.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["speaches"] = ["model_refused"],
        ["vllm-omni"] = ["no_transcripts"],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("azure", "azure")]
    [InlineData("beta", "auto")]
    [InlineData("localai", "auto")]
    [InlineData("localai", "localai")]
    [InlineData("speaches", "auto")]
    [InlineData("vllm-omni", "vllm-omni")]
    [InlineData("huggingface", "auto")]
    [InlineData("huggingface", "huggingface")]
    public async Task A_voice_turn_a_tool_an_interruption_a_move_and_a_recap_pass(string server, string profile)
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 }, plays: server);
        await using var call = new SocketCall(Endpoint(host, profile), Options)
        {
            Tool = tool => tool.Name == "show_recipe" ? """{"minutes":25}""" : "{}",
        };
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true);
        Speak(call);
        await Said(call, "It takes 25 minutes.");
        Speak(call);
        await Said(call, "Step two.");
        if (server != "vllm-omni")
        {
            await call.UntilAsync<TurnCommand.ShowTranscript>(s => s.Line is { Speaker: Speaker.User, Final: true,
                Text: "next step please" });
        }

        // A typed question, and a voice into its answer.
        host.Server.Faults = new RehearsalFaults { DeltaPace = 0.6 };
        var heard = call.AudioBytes;
        call.Post(new TurnInput.PageText("Thank you."));
        while (call.AudioBytes == heard)
        {
            await Task.Delay(20, Cancellation);
        }

        host.Server.Faults = new RehearsalFaults { DeltaPace = 0 };
        Speak(call);
        await call.UntilAsync<TurnCommand.ClearPlayout>(_ => true);
        await Said(call, "You are welcome, any time you like to cook again.");

        // Another kind of session: the call moves.
        call.Post(new TurnInput.RoleChanged(Options with { Version = 2, SessionKind = "other" }));
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true, 2);
        call.Post(new TurnInput.PageText("The soup again."));
        await Said(call, "It takes 25 minutes.", 2);
        call.Post(new TurnInput.HangUpRequested("hangup"));
        var recap = (await call.UntilAsync<TurnCommand.ShowRecap>(_ => true)).Markdown;

        // Where it is an ordinary response, the script does not know that it is one.
        Assert.Contains(server is "speaches" or "vllm-omni" ? "." : "Recap", recap.Replace('?', '.'));
        await call.UntilAsync<TurnCommand.EndCall>(_ => true);

        Assert.Equal(["show_recipe", "step", "timer", "show_recipe"], call.Seen.OfType<TurnCommand.InvokeTool>().Select(t => t.Name));
        Assert.Equal(5, call.Seen.OfType<TurnCommand.AnswerTurn>().Count());

        // A cancel may cross the response's end.
        var problems = call.Problems.Where(p => !p.EndsWith("response_cancel_not_active", StringComparison.Ordinal));
        Assert.Equal(Known.GetValueOrDefault(server, []), problems.Select(p => p[..p.IndexOf(':', StringComparison.Ordinal)]).Distinct());
        Assert.Equal(5, call.Machine.Conversation.Items.Count(item => item.Kind == ModelItemKind.UserMessage));
        Assert.Single(call.Machine.Conversation.Items, item => item.Text == "Step two.");
        if (server is "huggingface")
        {
            var seen = call.Seen.ToList();
            Assert.True(seen.FindIndex(c => c is TurnCommand.CloseSession { Session: 1 }) < seen.FindIndex(c =>
                c is TurnCommand.OpenSession { Session: 2 }));
        }
    }

    [Theory]
    [InlineData("azure", "openai")]
    [InlineData("beta", "beta")]
    [InlineData("localai", "localai")]
    [InlineData("speaches", "speaches")]
    [InlineData("huggingface", "huggingface")]
    public async Task Its_first_event_tells_the_server(string server, string profile)
    {
        await using var host = await RehearsalHost.StartAsync(plays: server);
        await using var session = await OpenAiModelSession.ConnectAsync(Endpoint(host, "auto"), TimeProvider.System, Cancellation);
        Assert.Equal(profile, session.Profile.Name);
    }

    [Theory]
    [InlineData("localai")]
    [InlineData("speaches")]
    public async Task An_error_ends_the_response_that_it_broke(string server)
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { FailResponses = 1, DeltaPace = 0 },
            plays: server);
        await using var call = new SocketCall(Endpoint(host, "auto"), Options);
        call.Post(new TurnInput.PageText("Thank you."));
        await Said(call, "You are welcome, any time you like to cook again.");
        Assert.Single(call.Problems, p => p.StartsWith("response_failed", StringComparison.Ordinal));
        Assert.DoesNotContain(call.Problems, p => p.StartsWith("response_stalled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_full_is_told_by_its_refusal()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 }, plays: "huggingface");
        await using var call = new SocketCall(Endpoint(host, "openai"),
            Options with { Session = Options.Session with { TurnDetection = null, TranscriptionModel = null } });
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true);
        call.Post(new TurnInput.RoleChanged(Options with { Version = 2, SessionKind = "other" }));
        await call.UntilAsync<TurnCommand.AdoptSession>(_ => true, 2);
        Assert.Contains(call.Problems, p => p.StartsWith("one_session", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Conversation_none_is_left_out_once_it_was_refused()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 }, plays: "vllm-omni");
        await using var call = new SocketCall(Endpoint(host, "openai"), Options);
        call.Post(new TurnInput.PageText("Thank you."));
        await Said(call, "You are welcome, any time you like to cook again.");
        call.Post(new TurnInput.HangUpRequested("hangup"));
        Assert.NotEqual("", (await call.UntilAsync<TurnCommand.ShowRecap>(_ => true)).Markdown);
    }

    private static void Speak(SocketCall call)
    {
        call.Hear(Rig.Silence(300));
        call.Hear(Rig.Tone(1200));
        call.Hear(Rig.Silence(900));
    }

    private static Task<TurnCommand.ShowTranscript> Said(SocketCall call, string text, int count = 1) =>
        call.UntilAsync<TurnCommand.ShowTranscript>(s => s.Line is { Speaker: Speaker.Agent, Final: true, Interrupted: false }
            && s.Line.Text == text, count);

    private static ModelTool Tool(string name) => new(name, "A tool.",
        System.Text.Json.JsonElement.Parse("""{"type":"object","properties":{}}"""));

    private static ModelEndpoint Endpoint(RehearsalHost host, string profile) =>
        new() { BaseUrl = host.Endpoint, Key = "test", Model = "rehearsal/test", Profile = ServerProfile.Find(profile)! };
}
