using System.Text.Json;
using Bridge.Calls;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Tests.Calls;

/// <summary>The words of a role become the mechanism of the turn machine in one place.</summary>
public sealed class RoleTurnsTests
{
    private static readonly RoleContext Caller = new() { Now = DateTimeOffset.UnixEpoch };

    [Theory]
    [InlineData("off", null, false, false)]
    [InlineData("low", 600, false, false)]
    [InlineData("normal", 500, true, false)]
    [InlineData("high", 500, true, true)]
    public void A_word_for_interruption_becomes_a_rule(string word, int? milliseconds, bool silences, bool onPageSpeech)
    {
        var options = Options($"turn: {{ interrupt: {{ speaking: {word}, thinking: {word} }} }}");
        var rule = milliseconds is { } length
            ? new VoiceInterruption { SpeechLength = TimeSpan.FromMilliseconds(length), SilencesAtOnce = silences, OnPageSpeech = onPageSpeech }
            : null;
        Assert.Equal((rule, rule), (options.InterruptSpeaking, options.InterruptThinking));
    }

    [Fact]
    public void What_a_role_ignores_waits_for_and_hears_as_listening_reaches_the_machine()
    {
        Assert.Equal(new VoiceInterruption { IsDropped = true, SilencesAtOnce = false }, Options("turn: { interrupt: { speaking: ignore } }").InterruptSpeaking);
        Assert.Equal(["mhm", "si"], Options("turn: { listening_sounds: [mhm, si] }").ListeningSounds);
        Assert.Contains("mhm", Options("").ListeningSounds);
        Assert.Equal(TimeSpan.FromSeconds(90), Options("limits: { think_seconds: 90 }").ResponseTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), Options("model: { reasoning_effort: high }").ResponseTimeout);
    }

    [Fact]
    public void A_turn_mode_becomes_the_turn_detection_of_the_session()
    {
        Assert.Equal(
            new ServerVad { Threshold = 0.6, PrefixPaddingMs = 250, SilenceDurationMs = 700 },
            Options("turn: { mode: server_vad, threshold: 0.6, prefix_padding_ms: 250, silence_ms: 700 }").Session.TurnDetection);
        Assert.Equal(new SemanticVad { Eagerness = "low" }, Options("turn: { mode: semantic_vad, eagerness: low }").Session.TurnDetection);
        Assert.Null(Options("turn: { mode: manual }").Session.TurnDetection);
    }

    [Theory]
    [InlineData("turn: { preemptive: true, silence_ms: 700 }", 200, 500)]
    [InlineData("turn: { preemptive: true }", 200, 300)]
    [InlineData("turn: { silence_ms: 700 }", 700, 0)]
    public void A_preemptive_role_ends_turns_early_for_the_model_alone(string turn, int silence, int hold)
    {
        Assert.Equal(silence, ((ServerVad)Options(turn).Session.TurnDetection!).SilenceDurationMs);
        Assert.Equal(TimeSpan.FromMilliseconds(hold), Options(turn).AnswerHold);
    }

    [Fact]
    public void A_tools_barge_in_becomes_what_an_interruption_answers()
    {
        ToolDeclaration[] tools = [Tool(BargeInPolicy.Keep), Tool(BargeInPolicy.Cancel), Tool(BargeInPolicy.Detach)];
        var options = RoleTurns.Options(Load(""), Caller, tools, "m");
        Assert.Null(options.PolicyOf("Keep").OnInterruption);
        Assert.Equal(new EarlyAnswer(GoesOn: false), options.PolicyOf("Cancel").OnInterruption);
        Assert.Equal(new EarlyAnswer(GoesOn: true), options.PolicyOf("Detach").OnInterruption);
    }

    [Fact]
    public void A_full_duplex_model_gets_a_delegation_and_a_voice_and_its_words()
    {
        const string Yaml = "model: { name: gpt-live-1, voice: vesper, delegation: responses, backend: gpt-5.1 }\nwords: { greeting: Hello! }";
        var options = Options(Yaml);
        Assert.Equal((false, "gpt-5.1"), (options.Session.Delegation!.IsClients, options.Session.Delegation.Model));
        Assert.Equal(options.Session.Instructions, options.Session.Delegation.Instructions);
        Assert.Equal(("vesper", "Hello!"), (options.Session.Voice, options.GreetingWords));
        Assert.True(Options("model: { name: gpt-live-1.1 }").Session.Delegation!.IsClients);
        Assert.NotNull(Options("model: { name: my-deployment, protocol: live }").Session.Delegation);
        Assert.Null(Options("model: { name: gpt-live-transcribe }").Session.Delegation);
        Assert.Null(Options("").Session.Delegation);
    }

    private static ToolDeclaration Tool(BargeInPolicy bargeIn) => new()
    {
        Name = bargeIn.ToString(),
        Target = ToolTarget.Page,
        Description = "",
        Parameters = JsonSerializer.SerializeToElement(new { type = "object" }),
        BargeIn = bargeIn,
    };

    private static TurnOptions Options(string yaml) => RoleTurns.Options(Load(yaml), Caller, [], "m");

    private static Role Load(string yaml) => new MemoryRoles().Add("words", yaml + "\n");
}
