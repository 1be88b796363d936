using Bridge.Guards;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Guards;

/// <summary>The answers that pass a role's guard, and when.</summary>
public sealed class AnswerGateTests
{
    private const string Response = "resp_1";
    private const string Item = "item_1";
    private readonly List<ModelEvent> _passed = [];
    private readonly List<string> _blocked = [];
    private readonly List<string> _judged = [];
    private GuardSettings? _settings = new() { Say = "No." };
    private Func<string, Task<GuardVerdict>> _judge = text =>
        Task.FromResult(text.Contains("secret", StringComparison.Ordinal) ? GuardVerdict.Block("secret") : GuardVerdict.Allow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IEnumerable<int> HeardMs => _passed.OfType<ModelEvent.AudioDelta>().Select(delta => delta.Pcm.Length / 48);

    [Fact]
    public async Task Audio_goes_only_as_far_as_judged_words_reach_when_they_are_said_fast()
    {
        await RunAsync(Audio(400), Words("Twenty-five letters here."), Audio(400), Audio(400), Audio(400));

        // 25 letters are a second of fast speech, and the full stop is a pause.
        Assert.Equal([400, 400], HeardMs);
        Assert.IsType<ModelEvent.AudioTranscriptDelta>(_passed[0]);
    }

    [Fact]
    public async Task When_all_words_are_judged_all_audio_goes_in_order()
    {
        await RunAsync(
            Audio(400),
            Words("Yes."),
            Audio(500),
            Audio(600),
            new ModelEvent.AudioDone(Response, Item, 0),
            WordsDone("Yes."),
            Done("Yes."));
        Assert.Equal([400, 500, 600], HeardMs);
        Assert.Equal(
            ["AudioTranscriptDelta", "AudioTranscriptDone", "AudioDelta", "AudioDelta", "AudioDelta", "AudioDone", "ResponseDone"],
            _passed.Select(e => e.GetType().Name).Where((name, i) => name != "AudioDelta" || i > 0));
        Assert.Empty(_blocked);
    }

    [Fact]
    public async Task Of_a_blocked_answer_only_its_items_and_its_end_go_on_without_its_words()
    {
        await RunAsync(
            Words("First this. "), Audio(200), Words("And the secret"), Audio(200), WordsDone("First this. And the secret code."),
            new ModelEvent.OutputItemDone(Response, Message("First this. And the secret code.")), Done("First this. And the secret code."));
        Assert.Equal([Response + " secret"], _blocked);
        Assert.Equal([200], HeardMs);
        Assert.DoesNotContain(_passed, e => e.ToString()!.Contains("secret", StringComparison.Ordinal));
        Assert.Equal("No.", Assert.Single(Assert.IsType<ModelEvent.ResponseDone>(_passed[^1]).Output).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the secret")]
    public async Task An_answer_without_its_words_is_judged_by_its_items_text_or_not_heard(string text)
    {
        await RunAsync(Audio(200), new ModelEvent.AudioDone(Response, Item, 0), Done(text));
        Assert.Empty(HeardMs);
        Assert.Single(_blocked);
    }

    [Fact]
    public async Task An_answer_whose_words_come_with_its_item_alone_is_heard_once_they_are_judged()
    {
        await RunAsync(Audio(200), new ModelEvent.AudioDone(Response, Item, 0), Done("Fine."));
        Assert.Equal([200], HeardMs);
        Assert.Equal(["Fine."], _judged);
    }

    [Fact]
    public async Task A_recap_with_blocked_words_is_the_roles_line_and_a_summary_is_nobodys_to_hear()
    {
        await RunAsync(
            new ModelEvent.ResponseCreated("r2", "recap2"), new ModelEvent.ResponseDone(
                "r2", "completed", null, [Message("secret") with { Id = "i2" }], default, "recap2"),
            new ModelEvent.ResponseCreated("r3", "summary3"), new ModelEvent.ResponseDone(
                "r3", "completed", null, [Message("secret") with { Id = "i3" }], default, "summary3"));
        Assert.Equal(["No.", "secret"], _passed.OfType<ModelEvent.ResponseDone>().Select(done => done.Output[0].Text));
    }

    [Fact]
    public async Task A_persons_speech_does_not_wait_for_the_judge()
    {
        var judge = new TaskCompletionSource();
        _judge = async _ =>
        {
            await judge.Task;
            return GuardVerdict.Allow;
        };
        var gate = Gate();
        var running = Task.Run(() => gate.RunAsync(Cancellation), Cancellation);
        await gate.OfferAsync(Words("Hello."), Cancellation);
        await gate.OfferAsync(new ModelEvent.SpeechStarted("user_1", 100), Cancellation);
        Assert.IsType<ModelEvent.SpeechStarted>(Assert.Single(_passed));
        judge.SetResult();
        gate.Complete();
        await running;
        Assert.Equal(2, _passed.Count);
    }

    [Fact]
    public async Task A_web_hook_is_asked_sentence_by_sentence()
    {
        _settings = new GuardSettings { Say = "No.", Hook = new HttpToolSettings { Url = new Uri("https://guard.example/") } };
        await RunAsync(Words("One"), Words(" two."), Words(" Three"), Audio(20), WordsDone("One two. Three"), Done("One two. Three"));
        Assert.Equal(["One two.", "One two. Three"], _judged);
        Assert.Equal([20], HeardMs);
    }

    [Fact]
    public async Task Without_a_guard_everything_passes_at_once()
    {
        _settings = null;
        var gate = Gate();
        await gate.OfferAsync(Audio(20), Cancellation);
        await gate.OfferAsync(Words("secret"), Cancellation);
        Assert.Equal(2, _passed.Count);
        Assert.Empty(_judged);
    }

    [Fact]
    public async Task A_judge_with_a_defect_is_told_to_the_session_and_nothing_waits_for_ever()
    {
        _judge = _ => throw new InvalidOperationException("defect");
        var gate = Gate();
        await gate.OfferAsync(Words("Hello."), Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => gate.RunAsync(Cancellation));
        await Assert.ThrowsAnyAsync<Exception>(async () => await gate.OfferAsync(Words("Hello."), Cancellation));
        Assert.Empty(_passed);
    }

    private static ModelEvent.AudioDelta Audio(int milliseconds) => new(Response, Item, 0, new byte[milliseconds * 48]);

    private static ModelEvent.AudioTranscriptDelta Words(string words) => new(Response, Item, 0, words);

    private static ModelEvent.AudioTranscriptDone WordsDone(string words) => new(Response, Item, 0, words);

    private static ModelItem Message(string text) => new(Item, ModelItemKind.AgentMessage) { Text = text, IsAudio = true };

    private static ModelEvent.ResponseDone Done(string text) => new(Response, "completed", null, [Message(text)], default, "t1");

    private AnswerGate Gate() => new(
        new Judge(this),
        passed =>
        {
            _passed.Add(passed);
            return default;
        },
        (response, reason) =>
        {
            _blocked.Add($"{response} {reason}");
            return default;
        });

    private async Task RunAsync(params ModelEvent[] events)
    {
        var gate = Gate();
        foreach (var what in events)
        {
            await gate.OfferAsync(what, Cancellation);
        }

        gate.Complete();
        await gate.RunAsync(Cancellation);
    }

    private sealed class Judge(AnswerGateTests test) : IAnswerGuard
    {
        public GuardSettings? Settings => test._settings;

        public ValueTask<GuardVerdict> JudgeAsync(string text, bool whole, CancellationToken cancellation)
        {
            test._judged.Add(text);
            return new ValueTask<GuardVerdict>(test._judge(text));
        }
    }
}
