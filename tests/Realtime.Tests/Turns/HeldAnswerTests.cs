using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>Answers that are asked for before the role's silence has passed.</summary>
public class HeldAnswerTests
{
    private const int Hold = 300;

    private static readonly TurnOptions Ahead = new()
    {
        Session = new SessionSettings
        {
            TranscriptionModel = "gpt-4o-mini-transcribe", TurnDetection = new ServerVad { SilenceDurationMs = 200 },
        },
        AnswerHold = TimeSpan.FromMilliseconds(Hold),
        Tools = new Dictionary<string, ToolPolicy> { ["show"] = new() },
    };

    [Fact]
    public void An_answer_is_asked_for_at_once_and_heard_when_the_silence_has_passed()
    {
        var lab = Started();
        Speak(lab);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(Hold - 20);
        Assert.Empty(lab.All.OfType<TurnCommand.PlayAudio>());
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Equal(["Say something."], lab.Machine.Conversation.Items.Select(i => i.Text));

        lab.Run(20);
        Assert.NotEmpty(lab.All.OfType<TurnCommand.PlayAudio>());
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Run(2500);
        Assert.Equal(["Say something.", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Equal([false], lab.All.OfType<TurnCommand.EndHold>().Select(h => h.InVain));
        Assert.DoesNotContain(CallState.Thinking, lab.States.SkipWhile(s => s != CallState.Listening));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_model_that_needs_longer_than_the_hold_is_heard_as_soon_as_it_speaks()
    {
        var lab = Started();
        Speak(lab, generate: false);
        lab.Run(Hold + 40, generate: false);
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        lab.Generate();
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_left_of_an_answer_when_the_person_goes_on(bool ended)
    {
        var lab = Started();
        lab.Plans = _ => new Plan { Text = "Too early, my friend.", AudioMs = 1200, Calls = [("a", "show", "{}")] };
        Speak(lab, generate: false);
        for (var i = 0; i < (ended ? 50 : 3); i++)
        {
            lab.Model.Step();
            lab.Deliver();
        }

        Assert.Equal(ended, !lab.Model.IsActive);
        lab.Run(100, generate: false);
        var second = lab.Model.SpeechStarts(2000);
        lab.Deliver();
        lab.Run(600);
        lab.Plans = _ => new Plan { Text = "Now then.", AudioMs = 400 };
        lab.Model.SpeechStops(second, 2800);
        lab.Model.Transcribe(second, "And more.");
        lab.Deliver();
        lab.Run(1500);

        // One that has ended can't be cancelled.
        Assert.Equal(ended ? 0 : 1, lab.Sent<ModelCommand.CancelResponse>().Count());
        Assert.Equal(["Say something.", "And more.", "Now then."], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Equal(3, lab.Machine.Conversation.Entries.OfType<ConversationEntry.ItemAdded>().Count());
        Assert.Equal(lab.Machine.Conversation.Items.Select(i => i.Id), lab.Model.Items.Select(i => i.Id));
        Assert.DoesNotContain(lab.Lines.Values, line => line.Text.Contains("early", StringComparison.Ordinal));
        Assert.Empty(lab.All.OfType<TurnCommand.WithdrawTranscript>());
        Assert.Empty(lab.Tools);

        // Its cost is there.
        Assert.Equal(2, lab.Machine.Conversation.Entries.OfType<ConversationEntry.UsageRecorded>().Count());
        Assert.Equal([true, false], lab.All.OfType<TurnCommand.EndHold>().Select(h => h.InVain));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_function_runs_only_when_the_silence_has_passed()
    {
        var lab = Started();
        lab.Plans = _ => new Plan { Calls = [("a", "show", "{}")] };
        Speak(lab);
        lab.Run(Hold - 20);
        Assert.False(lab.Model.IsActive);
        Assert.Empty(lab.Tools);
        lab.Run(20);
        Assert.Equal("a", Assert.Single(lab.Tools).CallId);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_cough_in_the_pause_takes_the_answer_and_gives_it_back()
    {
        var lab = Started();
        Speak(lab);
        lab.Run(100);
        var cough = lab.Model.SpeechStarts(2000);
        lab.Deliver();
        lab.Run(160);
        lab.Model.SpeechStops(cough, 2000 + 300 + 160 + 200);
        lab.Deliver();
        lab.Run(400);
        Assert.Empty(lab.All.OfType<TurnCommand.PlayAudio>());
        lab.Model.Transcribe(cough, "");
        lab.Deliver();
        lab.Run(3000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(["Say something.", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Typed_text_waits_for_no_silence()
    {
        var lab = Started();
        Speak(lab);
        lab.Run(40);
        lab.Input(new TurnInput.PageText("Quick!"));
        lab.Generate();
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Run(2500);
        Assert.Equal(
            ["Say something.", "Quick!", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_session_that_is_lost_in_the_pause_takes_the_held_answer_with_it()
    {
        var lab = Started();
        Speak(lab);
        lab.Run(100);
        lab.Input(new TurnInput.SessionLost(lab.Current, "dropped"));
        lab.Run(3500);
        Assert.Equal(["Say something.", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        var added = lab.Machine.Conversation.Entries.OfType<ConversationEntry.ItemAdded>();
        Assert.Single(added, e => e.Item.Kind == ModelItemKind.AgentMessage);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_call_in_which_it_does_not_pay_asks_ahead_no_longer()
    {
        var lab = Started();
        for (var i = 0; i < HeldAnswer.MinAttempts; i++)
        {
            // Three of five are in vain.
            Speak(lab);
            lab.Run(i < 3 ? 100 : 4000);
        }

        Assert.Equal("preemption_off", Assert.Single(lab.Problems));
        var asked = lab.Sent<ModelCommand.CreateResponse>().Count();
        Speak(lab);
        lab.Run(100);
        Assert.Equal(asked, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(ResponseBlockers.TurnPause, lab.Machine.Blockers);

        // A person who goes on is not answered before the end.
        Speak(lab);
        lab.Run(100);
        Assert.Equal(asked, lab.Sent<ModelCommand.CreateResponse>().Count());
        lab.Run(200);
        Assert.Equal(asked + 1, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    private static CallLab Started()
    {
        var lab = new CallLab(Ahead);
        lab.Start();
        return lab;
    }

    // A second of speech, and the 200 ms after which the service takes the turn for over.
    private static void Speak(CallLab lab, bool generate = true)
    {
        var words = lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(1200, generate);
        lab.Model.SpeechStops(words, 1600);
        lab.Model.Transcribe(words, "Say something.");
        lab.Deliver();
        if (generate)
        {
            lab.Generate();
        }
    }
}
