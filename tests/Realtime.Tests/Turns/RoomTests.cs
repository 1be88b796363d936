using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>Sounds of a room and of a listener, greetings that a noise meets, and models that write where they are to speak.</summary>
public class RoomTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { TranscriptionModel = "gpt-4o-mini-transcribe" },
        ListeningSounds = ["mhm", "uh-huh", "hmm", "ach so"],
    };

    private static CallLab Talking(TurnOptions? options = null)
    {
        var lab = new CallLab(options ?? Options) { PageReports = true };
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me."));
        lab.Run(800);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        return lab;
    }

    // A sound of a length; its transcript comes 200 ms after the commit.
    private static string Sound(CallLab lab, string words, int milliseconds, params string[] deltas)
    {
        var id = lab.Model.SpeechStarts(1000);
        lab.Deliver();
        lab.Run(milliseconds + 500);
        lab.Model.SpeechStops(id, 1000 + 300 + milliseconds + 500);
        lab.Deliver();
        foreach (var delta in deltas)
        {
            lab.Input(new TurnInput.ModelEventReceived(lab.Current, new ModelEvent.InputTranscriptDelta(id, 0, delta)));
        }

        lab.Run(200);
        lab.Model.Transcribe(id, words);
        lab.Deliver();
        return id;
    }

    [Theory]
    [InlineData("Mhm.")]
    [InlineData("mhm, mhm")]
    [InlineData("Uh-huh!", "Uh", "-huh!")]
    [InlineData("Uhuh huh hmm", "Uhuh", " huh hmm")]
    [InlineData("Ach so …", "A", "ch", " so …")]
    public void The_sounds_of_a_listener_do_not_interrupt(string transcript, params string[] deltas)
    {
        var lab = Talking(Options with { ListeningSounds = [.. Options.ListeningSounds, "uhuh", "huh"] });
        var item = Sound(lab, transcript, 200, deltas);
        lab.Run(4000);
        Assert.DoesNotContain(lab.Sent<ModelCommand.TruncateItem>(), _ => true);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.DoesNotContain(lab.Lines.Keys, id => id == item);
        Assert.DoesNotContain(lab.Model.Items, i => i.Id == item);
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Final: true, Interrupted: false });
        Assert.Empty(lab.Refusals);
    }

    [Theory]
    [InlineData("Mhm, stop.")]
    [InlineData("mhmm okay")]
    [InlineData("No.")]
    [InlineData("Mh")]
    [InlineData("Mhm, wait", "Mhm", ", wait")]
    public void Words_beside_them_do(string transcript, params string[] deltas)
    {
        var lab = Talking();
        Sound(lab, transcript, 200, deltas);
        lab.Run(4000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Interrupted: true });
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Into_silence_the_sound_of_a_listener_is_an_answer()
    {
        var lab = new CallLab(Options);
        lab.Start();
        Sound(lab, "Mhm.", 200);
        lab.Run(3000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
    }

    [Theory]
    [InlineData("I said something.", 1500)]
    [InlineData("No.", 200)]
    [InlineData("", 200)]
    public void What_is_said_over_an_agent_that_ignores_it_is_dropped(string transcript, int milliseconds)
    {
        var ignoring = new VoiceInterruption { IsDropped = true, SilencesAtOnce = false };
        var lab = Talking(Options with { InterruptSpeaking = ignoring });
        var item = Sound(lab, transcript, milliseconds, transcript);
        lab.Run(5000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.DoesNotContain(item, lab.Lines.Keys);
        Assert.DoesNotContain(lab.Model.Items, i => i.Id == item);
        Assert.DoesNotContain(lab.Machine.Conversation.Items, i => i.Id == item);
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Final: true, Interrupted: false });

        // Said into the silence after it, it is a turn as any.
        Sound(lab, "And now?", 800);
        lab.Run(3000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_stop_button_and_typed_text_reach_an_agent_that_ignores_the_voice()
    {
        var lab = Talking(Options with { InterruptSpeaking = new VoiceInterruption { IsDropped = true } });
        lab.Input(new TurnInput.PageText("Stop."));
        lab.Run(3000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Interrupted: true });
    }

    [Fact]
    public void A_greeting_that_failed_in_a_noisy_room_does_not_wait_for_it_to_be_quiet()
    {
        var responses = 0;
        var lab = new CallLab(Options with { SpeaksFirst = true }) { Plans = _ => ++responses == 1 ? new Plan { Fails = true } : new Plan { Text = "Welcome.", AudioMs = 800 } };
        lab.Start();
        lab.Deliver();
        lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Generate();
        lab.Run(4_800);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(1_600);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.DoesNotContain("never_quiet", lab.Problems);
    }

    [Fact]
    public void A_noise_that_cuts_off_the_greeting_before_it_is_heard_does_not_cancel_it_for_good()
    {
        var lab = new CallLab(Options with { SpeaksFirst = true }) { Plans = _ => new Plan { Text = "Welcome.", AudioMs = 800 } };
        lab.Start();
        lab.Deliver();

        // Two beeps while the greeting is on its way: somebody seems to talk. Neither is ever committed.
        lab.Model.SpeechStarts(100);
        lab.Model.SpeechStarts(900);
        lab.Deliver();
        Assert.Equal(1, lab.Model.MaxActive);
        lab.Run(12_000);
        Assert.Contains(lab.Lines.Values, l => l is { Speaker: Speaker.Agent, Final: true, Text: "Welcome." });
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_greeting_is_begun_no_more_than_three_times()
    {
        var lab = new CallLab(Options with { SpeaksFirst = true }) { Plans = _ => new Plan { Thinks = true } };
        lab.Start();
        for (var i = 0; i < 12; i++)
        {
            lab.Generate();
            lab.Model.SpeechStarts(100 + i);
            lab.Model.SpeechStarts(500 + i);
            lab.Run(7_000);
        }

        Assert.Equal(3, lab.Sent<ModelCommand.CreateResponse>().Count());
    }

    [Fact]
    public void The_stop_button_ends_a_greeting_for_good()
    {
        var lab = new CallLab(Options with { SpeaksFirst = true }) { Plans = _ => new Plan { Thinks = true } };
        lab.Start();
        lab.Generate();
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(10_000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
    }

    [Fact]
    public void An_answer_that_was_written_is_said_once_more_aloud()
    {
        var lab = new CallLab(Options) { Plans = c => c.Settings!.AudioOnly ? new Plan { Text = "It is noon.", AudioMs = 900 } : new Plan { Text = "It is noon.", Writes = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("What time is it?"));
        lab.Run(3000);
        var again = lab.Sent<ModelCommand.CreateResponse>().Last().Settings!;
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.EndsWith("\n\nIt is noon.", again.Instructions);
        Assert.False(again.AllowTools);
        var line = Assert.Single(lab.Lines.Values, l => l.Speaker == Speaker.Agent);
        Assert.Equal(("It is noon.", true, 11), (line.Text, line.Final, line.HeardLength));
        Assert.Single(lab.Machine.Conversation.Items, i => i.Kind == ModelItemKind.AgentMessage);
        Assert.Single(lab.Problems, "answered_in_text");
        Assert.Empty(lab.Refusals);

        lab.Input(new TurnInput.PageText("And now?"));
        lab.Run(3000);
        Assert.Single(lab.Problems, "answered_in_text");
        Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.AgentMessage && i.Id == lab.Lines.Values.Last(l => l.Speaker == Speaker.Agent).ItemId);
    }

    [Fact]
    public void A_model_that_writes_again_is_shown_as_not_heard_and_asked_no_more()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Text = "Only text.", Writes = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hello?"));
        lab.Run(2000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        var line = Assert.Single(lab.Lines.Values, l => l.Speaker == Speaker.Agent);
        Assert.Equal(("Only text.", true, 0), (line.Text, line.Final, line.HeardLength));
        lab.Input(new TurnInput.PageText("Again?"));
        lab.Run(2000);
        Assert.Equal(3, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(2, lab.Lines.Values.Count(l => l.Speaker == Speaker.Agent));
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Single(lab.Problems, "answered_in_text");
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_question_that_comes_before_it_is_said_is_answered_instead()
    {
        var lab = new CallLab(Options) { Plans = c => new Plan { Text = "Some text.", Writes = c.Settings!.Tag == "t1", AudioMs = 400 } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hello?"));
        lab.Input(new TurnInput.PageText("No, wait."));
        lab.Run(3000);
        Assert.DoesNotContain(lab.Sent<ModelCommand.CreateResponse>(), c => c.Settings!.AudioOnly);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_role_limits_how_long_a_response_is_waited_for()
    {
        Assert.Equal(TimeSpan.FromSeconds(45), (Options with { ThinkTime = TimeSpan.FromSeconds(45) }).ResponseTimeout);
        var lab = new CallLab(Options with { ThinkTime = TimeSpan.FromSeconds(7) }) { Plans = _ => new Plan { Thinks = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hello?"));
        lab.Run(6_900);
        Assert.Empty(lab.Sent<ModelCommand.CancelResponse>());
        lab.Run(200);
        Assert.Single(lab.Sent<ModelCommand.CancelResponse>());
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(1, lab.Current);
    }

    [Fact]
    public void A_turn_of_the_person_is_told_when_it_is_answered_and_nothing_else_is()
    {
        var lab = new CallLab(Options with { SpeaksFirst = true });
        lab.Start();
        lab.Run(4000);
        Assert.DoesNotContain(lab.All, c => c is TurnCommand.AnswerTurn);
        Assert.False(lab.Machine.HasUserTurn);
        lab.Input(new TurnInput.PageText("Hi."));
        Assert.True(lab.Machine.HasUserTurn);
        Assert.Single(lab.All.OfType<TurnCommand.AnswerTurn>());
        lab.Run(4000);
        Assert.False(lab.Machine.HasUserTurn);
        Sound(lab, "", 200);
        lab.Run(2000);
        Assert.False(lab.Machine.HasUserTurn);
        Assert.Single(lab.All.OfType<TurnCommand.AnswerTurn>());
    }
}
