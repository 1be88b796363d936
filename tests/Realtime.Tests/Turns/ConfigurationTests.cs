using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>A configuration is confirmed, or it is not in force.</summary>
public class ConfigurationTests
{
    private static readonly ModelTool[] Four = [Tool("get_price"), Tool("end_call"), Tool("good_one"), Tool("bad_one")];

    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { Instructions = "PLAIN", TranscriptionModel = "gpt-4o-mini-transcribe", Tools = Four },
    };

    private static ModelTool Tool(string name, string description = "") =>
        new(name, description, JsonElement.Parse("""{"type":"object","properties":{}}"""));

    // As the service does: the one function is refused by its place among those that were sent.
    private static (string, string?, string)? RefuseBad(SessionSettings settings) =>
        settings.Tools.Select(t => t.Name).ToList().IndexOf("bad_one") is var at and >= 0
            ? ("invalid_function_parameters", $"session.tools[{at}].parameters", "Invalid schema for function 'bad_one'.") : null;

    private static (string, string?, string)? RefuseInstructions(SessionSettings settings) =>
        settings.Instructions == "SECOND" ? ("string_above_max_length", "session.instructions", "Too long.") : null;

    private static IEnumerable<TurnCommand.RefuseTool> RefusedTools(CallLab lab) => lab.All.OfType<TurnCommand.RefuseTool>();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tool_that_the_service_refuses_is_left_out_and_the_rest_is_in_force(bool byName)
    {
        var lab = new CallLab(Options)
        {
            Updates = s => RefuseBad(s) is var (code, param, message) ? (code, byName ? "session.tools" : param, message) : null,
        };
        lab.Start();
        Assert.Equal(["get_price", "end_call", "good_one"], lab.Model.Settings!.Tools.Select(t => t.Name));
        Assert.Equal("PLAIN", lab.Model.Settings.Instructions);
        Assert.Equal(
            new TurnCommand.RefuseTool(
                "bad_one",
                "bad_one is left out: the model's service refuses it (invalid_function_parameters)."), Assert.Single(RefusedTools(lab)));

        // A successor is not told of it again, nor anybody else.
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Equal(2, lab.Current);
        Assert.Equal(3, lab.Model.Settings!.Tools.Count);
        Assert.Single(lab.Model.Received.OfType<ModelCommand.UpdateSession>());
        Assert.Single(RefusedTools(lab));

        // Mended by the page, it is tried again.
        lab.Updates = _ => null;
        lab.Input(
            new TurnInput.RoleChanged(
                Options with { Session = Options.Session with { Tools = [.. Four[..3], Tool("bad_one", "mended")] } }));
        Assert.Equal(4, lab.Model.Settings!.Tools.Count);
        Assert.Empty(lab.Problems.Except(["session_lost"]));
    }

    [Fact]
    public void Every_tool_refused_is_left_out_one_after_the_other()
    {
        var lab = new CallLab(Options)
        {
            Updates = s => s.Tools.Count > 0 ? ("invalid_function_parameters", "session.tools[0].name", "") : null,
        };
        lab.Start();
        Assert.Empty(lab.Model.Settings!.Tools);
        Assert.Equal(Four.Select(t => t.Name), RefusedTools(lab).Select(r => r.Name));
        lab.Input(new TurnInput.PageText("Hello?"));
        lab.Run(3000);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Final: true });
    }

    public static TheoryData<string, SessionSettings, SessionSettings> Fields()
    {
        var full = Options.Session with
        {
            Speed =
                1.3, Voice =
                    "cedar", NoiseReduction =
                        "far_field", TranscriptionLanguage =
                            "fr", TranscriptionPrompt = "p", MaxOutputTokens = 200, ReasoningEffort = "low",
            PromptId =
                "pmpt_1", PromptVersion =
                    "2", PromptVariables =
                        JsonElement.Parse("{}"), Tracing = JsonElement.Parse("\"auto\""), Truncation = JsonElement.Parse("\"auto\""),
            ToolChoice = "required", ParallelToolCalls = false, TurnDetection = new ServerVad
            {
                Threshold = 0.9, PrefixPaddingMs = 1, SilenceDurationMs = 2,
            },
        };
        var semantic = full with { TurnDetection = new SemanticVad { Eagerness = "low" } };
        return new()
        {
            { "session.audio.output.speed", full, full with { Speed = null } },
            { "session.audio.output.voice.id", full, full with { Voice = null } },
            { "session.audio.input.noise_reduction.type", full, full with { NoiseReduction = null } },
            { "session.audio.input.transcription.language", full, full with { TranscriptionLanguage = null } },
            { "session.audio.input.transcription.prompt", full, full with { TranscriptionPrompt = null } },
            { "session.audio.input.transcription.model", full,
                full with { TranscriptionModel = null, TranscriptionLanguage = null, TranscriptionPrompt = null } },
            { "session.audio.input.turn_detection.threshold", full,
                full with { TurnDetection = new ServerVad { PrefixPaddingMs = 1, SilenceDurationMs = 2 } } },
            { "session.audio.input.turn_detection.prefix_padding_ms", full,
                full with { TurnDetection = new ServerVad { Threshold = 0.9, SilenceDurationMs = 2 } } },
            { "session.audio.input.turn_detection.silence_duration_ms", full,
                full with { TurnDetection = new ServerVad { Threshold = 0.9, PrefixPaddingMs = 1 } } },
            { "session.audio.input.turn_detection.eagerness", semantic, semantic with { TurnDetection = new SemanticVad() } },
            { "session.audio.input.turn_detection.type", semantic, semantic with { TurnDetection = new ServerVad() } },
            { "session.max_output_tokens", full, full with { MaxOutputTokens = null } },
            { "session.reasoning.effort", full, full with { ReasoningEffort = null } },
            { "session.truncation", full, full with { Truncation = null } },
            { "session.tracing", full, full with { Tracing = null } },
            { "session.prompt", full, full with { PromptId = null, PromptVersion = null, PromptVariables = null } },
            { "session.prompt.version", full, full with { PromptVersion = null } },
            { "session.prompt.variables", full, full with { PromptVariables = null } },
            { "session.tool_choice", full, full with { ToolChoice = null } },
            { "session.parallel_tool_calls", full, full with { ParallelToolCalls = null } },
        };
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_that_the_service_refuses_is_left_out_and_named_once(string param, SessionSettings full, SessionSettings wanted)
    {
        var refusals = 0;
        var lab = new CallLab(Options with { Session = full })
        {
            Updates = _ => ++refusals == 1 ? ("invalid_value", param, "") : null,
        };
        lab.Start();
        Assert.Equal(wanted, lab.Model.Settings);
        var report = Assert.Single(lab.All.OfType<TurnCommand.ReportProblem>());
        Assert.Equal("setting_refused", report.Code);
        Assert.StartsWith("the model's service refuses session.", report.Message);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Equal(2, lab.Current);
        Assert.Single(lab.Problems, "setting_refused");
    }

    [Theory]
    [InlineData("session.instructions")]
    [InlineData("session.type")]
    [InlineData("session")]
    [InlineData(null)]
    [InlineData("session.tools[99].parameters")]
    [InlineData("session.audio.input.turn_detection.create_response")]
    public void A_role_that_is_refused_as_a_whole_ends_the_call_with_its_own_reason(string? param)
    {
        var lab = new CallLab(Options with { Session = Options.Session with { TurnDetection = new ServerVad() } })
        {
            Updates = _ => ("invalid_value", param, ""),
        };
        lab.Start();
        Assert.Equal("configuration_refused", Assert.Single(lab.All.OfType<TurnCommand.EndCall>()).Reason);
        Assert.DoesNotContain(lab.All, c => c is TurnCommand.AdoptSession);
        Assert.Single(lab.All.OfType<TurnCommand.OpenSession>());
    }

    [Fact]
    public void No_session_is_adopted_before_it_has_confirmed()
    {
        var lab = new CallLab(Options) { AutoConfirm = false };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hello?"));
        Assert.DoesNotContain(lab.All, c => c is TurnCommand.AdoptSession);
        lab.Generate();
        Assert.Equal(1, lab.Current);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
    }

    [Fact]
    public void A_session_that_never_confirms_is_left_for_another()
    {
        var lab = new CallLab(Options) { Updates = _ => ("", "silence", "") };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hello?"));
        lab.Run(9_900);
        Assert.Empty(lab.Closed);
        lab.Updates = _ => null;
        lab.Run(600);
        Assert.Equal([1], lab.Closed);
        Assert.Equal(2, lab.Current);
        Assert.Contains("configuration_unconfirmed", lab.Problems);
        lab.Run(3_000);
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Final: true });

        // The same when it falls silent on an edit: words and conversation go along.
        lab.Updates = s => s.Instructions == "SECOND" && lab.Models.ContainsKey(2) ? ("", "silence", "") : null;
        lab.Input(new TurnInput.RoleChanged(Options with { Version = 7, Session = Options.Session with { Instructions = "SECOND" } }));
        lab.Input(new TurnInput.PageText("And now?"));
        lab.Run(14_000);
        Assert.Equal(3, lab.Current);
        Assert.Equal("SECOND", lab.Model.Settings!.Instructions);
        Assert.Contains(new TurnCommand.SettleOptions(7, null), lab.All);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count(i => i.Kind == ModelItemKind.AgentMessage));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_successor_that_refuses_what_its_predecessor_took_is_not_adopted()
    {
        var lab = new CallLab(Options) { SessionLifetime = TimeSpan.FromMinutes(10) };
        lab.Start();
        lab.Updates = _ => ("server_error", null, "");
        lab.Run(500_000);
        Assert.Equal(1, lab.Current);
        Assert.True(lab.Opening.Count == 0 && lab.Closed.Count > 3, "it is tried again");
        Assert.DoesNotContain(1, lab.Closed);

        // As soon as one confirms, the call moves.
        lab.Updates = _ => null;
        lab.Run(10_000);
        Assert.NotEqual(1, lab.Current);
        Assert.Equal("PLAIN", lab.Model.Settings!.Instructions);
        Assert.True(lab.Models.Count <= 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_role_that_is_refused_leaves_the_one_before_and_says_so(bool otherModel)
    {
        var lab = new CallLab(Options with { Version = 1 }) { Updates = RefuseInstructions };
        lab.Start();
        Assert.Contains(new TurnCommand.SettleOptions(1, null), lab.All);
        lab.Input(new TurnInput.PageText("Over to the second."));
        lab.Run(3_000);
        lab.Input(
            new TurnInput.RoleChanged(
                Options with
                {
                    Version = 2, SessionKind = otherModel ? "other" : "", Session = Options.Session with { Instructions = "SECOND" },
                }));
        var settled = lab.All.OfType<TurnCommand.SettleOptions>().Last();
        Assert.Equal(2, settled.Version);
        Assert.NotNull(settled.Refusal);
        Assert.Equal(1, lab.Current);
        Assert.Equal("PLAIN", lab.Model.Settings!.Instructions);
        Assert.Equal(otherModel ? [2] : [], lab.Closed);

        // The model is told before it answers the next time, and it answers with what it has.
        lab.Input(new TurnInput.PageText("Are you the second?"));
        lab.Run(3_000);
        var note = Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.SystemMessage);
        Assert.Contains("refused", note.Text);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count(i => i.Kind == ModelItemKind.AgentMessage));

        // A later edit that is taken is in force.
        lab.Input(new TurnInput.RoleChanged(Options with { Version = 3, Session = Options.Session with { Instructions = "THIRD" } }));
        Assert.Equal("THIRD", lab.Model.Settings!.Instructions);
        Assert.Equal(new TurnCommand.SettleOptions(3, null), lab.All.OfType<TurnCommand.SettleOptions>().Last());
        Assert.Single(lab.Problems, "role_refused");
    }

    [Fact]
    public void A_response_waits_for_the_configuration_it_is_to_follow()
    {
        var lab = new CallLab(Options) { AutoConfirm = false };
        lab.Start();
        lab.Generate();
        lab.Input(new TurnInput.RoleChanged(Options with { Session = Options.Session with { Instructions = "SECOND" } }));
        lab.Input(new TurnInput.PageText("Hello?"));
        Assert.Equal(ResponseBlockers.ConfigurationPending, lab.Machine.Blockers);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Deliver();
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
    }

    public static TheoryData<string, bool> SwitchedOff() => new()
    {
        { "speed", false }, { "noise", false }, { "transcription", false }, { "tokens", false }, { "prompt", false }, { "choice", false },
        { "reasoning", true }, { "tracing", true }, { "language", true }, { "voice", true },
    };

    [Theory]
    [MemberData(nameof(SwitchedOff))]
    public void What_is_switched_off_is_switched_off_or_the_call_moves(string what, bool moves)
    {
        var on = Options.Session with
        {
            Speed = what == "speed"
                ? 1.3
                : null, NoiseReduction = what == "noise" ? "far_field" : null, MaxOutputTokens = what == "tokens" ? 200 : null,
            PromptId = what == "prompt"
                ? "pmpt_123"
                : null, ToolChoice = what == "choice" ? "required" : null, ReasoningEffort = what == "reasoning" ? "low" : null,
            Tracing = what == "tracing"
                ? JsonElement.Parse("\"auto\"")
                : null, TranscriptionLanguage = what == "language" ? "fr" : null, Voice = what == "voice" ? "cedar" : null,
        };
        var off = what == "transcription" ? Options.Session with { TranscriptionModel = null } : Options.Session;
        var lab = new CallLab(Options with { Session = on });
        lab.Start();
        lab.Input(new TurnInput.RoleChanged(Options with { Session = off }));
        lab.Run(100);
        Assert.Equal(moves ? 2 : 1, lab.Current);
        var update = lab.Model.Received.OfType<ModelCommand.UpdateSession>().Last();
        Assert.Equal(moves ? null : on, update.Before);
        Assert.Equal(off, update.Settings);
    }
}
