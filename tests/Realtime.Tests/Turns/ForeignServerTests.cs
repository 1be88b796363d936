using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>What the habits of servers that people host themselves mean for the turns.</summary>
public sealed class ForeignServerTests
{
    private static readonly TurnOptions Options = new() { Session = new SessionSettings { TranscriptionModel = "m" } };

    [Theory]
    [InlineData("response.audio_chunk.delta", true)]
    [InlineData("response.reasoning_summary_text.delta", false)]
    [InlineData("response.content_part.added", false)]
    public void A_response_of_which_nothing_is_understood_ends_the_call_by_its_first_unknown_event(string unknown, bool ends)
    {
        var call = new Wire(Options);
        call.Say(new TurnInput.PageText("Hello?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Hears(new ModelEvent.Unknown(unknown, "r1"));
        call.Hears(new ModelEvent.Unknown("response.other", null));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [], default, "t1"));
        Assert.Equal(ends, call.Seen.OfType<TurnCommand.EndCall>().Any(end => end.Reason == "model_unreadable"));
        Assert.Equal(ends, call.Seen.OfType<TurnCommand.ReportProblem>().Any(p => p.Code == "model_unreadable"
            && p.Message.Contains(unknown, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_message_that_came_in_no_event_is_not_understood_either()
    {
        var call = new Wire(Options);
        call.Say(new TurnInput.PageText("Hello?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a", ModelItemKind.AgentMessage) { Text = "Hi." }],
            default, "t1"));
        Assert.Contains(call.Seen.OfType<TurnCommand.EndCall>(), end => end.Reason == "model_unreadable");
    }

    [Fact]
    public void A_server_that_answers_by_itself_is_not_asked_and_its_answer_is_the_turns()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "What is it?");
        Assert.Empty(call.Asked);
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], default, null));
        call.Wait(500);
        Assert.Single(call.Seen.OfType<TurnCommand.AnswerTurn>());
        Assert.Single(call.Seen.OfType<TurnCommand.PlayAudio>());
        Assert.Empty(call.Asked);
    }

    [Fact]
    public void An_answer_before_the_words_settles_that_they_were_words()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 1000));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        call.Wait(2000);
        Assert.Single(call.Seen.OfType<TurnCommand.PlayAudio>());
        Assert.Single(call.Seen.OfType<TurnCommand.AnswerTurn>());
        Assert.Empty(call.Asked);
    }

    [Fact]
    public void The_answer_to_a_cough_is_cancelled()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 900));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.InputTranscriptCompleted("u1", 0, "", default));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        Assert.Empty(call.Seen.OfType<TurnCommand.PlayAudio>());
        Assert.Contains(call.Sent, c => c is ModelCommand.CancelResponse("r1"));
    }

    [Fact]
    public void A_turn_that_the_server_does_not_answer_is_asked_for_in_the_end()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "What is it?");
        Assert.Empty(call.Asked);
        call.Wait(20_100);
        Assert.Single(call.Asked);
    }

    [Fact]
    public void A_turn_without_a_word_is_waited_for_no_longer()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", " ");
        Assert.Equal(CallState.Listening, call.State);
        call.Wait(30_000);
        Assert.Empty(call.Asked);
    }

    [Fact]
    public void A_server_that_stopped_at_a_cough_is_asked_to_go_on()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "Tell me a story.");
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[48_000]));
        call.Hears(new ModelEvent.SpeechStarted("u2", 5000));
        call.Hears(new ModelEvent.ResponseDone("r1", "cancelled", "turn_detected", [], default, null));
        call.Hears(new ModelEvent.SpeechStopped("u2", 5900));
        call.Hears(new ModelEvent.InputCommitted("u2", null));
        call.Hears(new ModelEvent.InputTranscriptCompleted("u2", 0, "", default));
        call.Wait(500);
        Assert.Single(call.Asked);
    }

    [Theory]
    [InlineData(ServerHabits.MayNotConfirm, 3_100, true)]
    [InlineData(ServerHabits.None, 9_900, false)]
    public void A_server_that_need_not_confirm_is_believed_after_a_while(ServerHabits habits, int wait, bool adopted)
    {
        var call = new Wire(Options, habits, confirms: false);
        call.Wait(wait);
        Assert.Equal(adopted, call.Seen.OfType<TurnCommand.AdoptSession>().Any());
        Assert.Equal(adopted, call.Seen.OfType<TurnCommand.ReportProblem>().Any(p => p.Code == "configuration_assumed"));
    }

    [Fact]
    public void Without_truncate_a_shortened_copy_takes_the_items_place()
    {
        var call = new Wire(Options, ServerHabits.NoTruncate);
        call.Say(new TurnInput.PageText("Tell me."));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Hears(new ModelEvent.OutputItemAdded("r1", new ModelItem("a1", ModelItemKind.AgentMessage)));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, "Once upon a time there was a king who had a daughter."));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[192_000]));
        call.Say(new TurnInput.PlayoutReported("a1", 2000, PlayoutSource.Server));
        call.Say(new TurnInput.PageInterrupt());
        call.Say(new TurnInput.PlayoutCleared("a1", 2000));
        call.Wait(1000);
        call.Hears(new ModelEvent.ResponseDone("r1", "cancelled", "client_cancelled", [], default, "t1"));
        Assert.DoesNotContain(call.Sent, c => c is ModelCommand.TruncateItem);
        Assert.Contains(call.Sent, c => c is ModelCommand.DeleteItem("a1"));
        Assert.Contains(call.Sent, c => c is ModelCommand.CreateItem({ Kind: ModelItemKind.AgentMessage, Text: var text }, _)
            && text.StartsWith("Once", StringComparison.Ordinal));
    }

    [Fact]
    public void An_answer_in_text_whose_session_is_lost_leaves_nothing_to_wait_for()
    {
        var call = new Wire(Options);
        call.Say(new TurnInput.PageText("Tell me."));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Hears(new ModelEvent.OutputItemAdded("r1", new ModelItem("a1", ModelItemKind.AgentMessage)));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, "Words and no sound."));
        call.Say(new TurnInput.SessionLost(1, "gone"));
        call.Reopen(2);
        call.Hears(new ModelEvent.ResponseCreated("r2", null));
        call.Hears(new ModelEvent.AudioDelta("r2", "a2", 0, new byte[4800]));
        call.Hears(new ModelEvent.ResponseDone("r2", "completed", null, [new ModelItem("a2", ModelItemKind.AgentMessage)], default, null));
        call.Say(new TurnInput.PlayoutFinished("a2"));
        call.Wait(52_000);
        Assert.Equal(CallState.Listening, call.State);

        // A move that is not forced needs a quiet moment, which an item that is never played would not let come.
        Assert.Contains(call.Seen.OfType<TurnCommand.OpenSession>(), open => open.Session == 3);
        call.Reopen(3);
        Assert.Contains(call.Seen.OfType<TurnCommand.AdoptSession>(), adopted => adopted.Session == 3);
    }

    [Theory]
    [InlineData("It takes 25 minutes.", 1)]
    [InlineData("It takes 25 minutes. Enjoy.", 2)]
    public void Words_that_end_after_their_sound_was_heard_are_not_told_again_as_unheard(string whole, int told)
    {
        var call = new Wire(Options);
        call.Say(new TurnInput.PageText("How long?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Hears(new ModelEvent.OutputItemAdded("r1", new ModelItem("a1", ModelItemKind.AgentMessage)));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, "It takes 25 minutes."));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        call.Hears(new ModelEvent.AudioDone("r1", "a1", 0));
        call.Say(new TurnInput.PlayoutFinished("a1"));
        call.Hears(new ModelEvent.AudioTranscriptDone("r1", "a1", 0, whole));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], default, "t1"));
        var lines = call.Seen.OfType<TurnCommand.ShowTranscript>().Select(s => s.Line)
            .Where(line => line is { Speaker: Speaker.Agent, Final: true }).ToList();
        Assert.Equal(told, lines.Count);
        Assert.Equal(whole, lines[^1].Text);
        Assert.All(lines, line => Assert.Equal(line.Text.Length, line.HeardLength));
    }

    /// <summary>A machine whose only session says what the test says.</summary>
    private sealed class Wire
    {
        private readonly TurnMachine _machine;
        private readonly List<TurnCommand> _seen = [];
        private TimeSpan _now = TimeSpan.FromSeconds(100);
        private int _session = 1;

        public Wire(TurnOptions options, ServerHabits habits = ServerHabits.None, bool confirms = true)
        {
            _machine = new TurnMachine(options, new Conversation.ConversationLog());
            Say(new TurnInput.CallStarted());
            Say(new TurnInput.PageConnectionChanged(true));
            Say(new TurnInput.SessionOpened(1, null) { Habits = habits });
            if (confirms)
            {
                Hears(new ModelEvent.SessionUpdated());
            }
        }

        public IReadOnlyList<TurnCommand> Seen => _seen;

        public CallState State => _machine.State;

        public IEnumerable<ModelCommand> Sent => _seen.OfType<TurnCommand.SendToModel>().Select(sent => sent.Command);

        public IEnumerable<ModelCommand> Asked => Sent.Where(command => command is ModelCommand.CreateResponse);

        public void Say(TurnInput input)
        {
            _machine.Handle(_now, input, _seen);
            Wait(10);
        }

        public void Hears(ModelEvent what) => Say(new TurnInput.ModelEventReceived(_session, what));

        public void Reopen(int session)
        {
            Wait(1000);
            _session = session;
            Say(new TurnInput.SessionOpened(session, TimeSpan.FromSeconds(100)));
            Hears(new ModelEvent.SessionUpdated());
        }

        public void Speak(string item, string words)
        {
            Hears(new ModelEvent.SpeechStarted(item, 0));
            Hears(new ModelEvent.SpeechStopped(item, 2000));
            Hears(new ModelEvent.InputCommitted(item, null));
            Hears(new ModelEvent.InputTranscriptCompleted(item, 0, words, default));
        }

        public void Wait(int milliseconds)
        {
            for (var left = milliseconds; left > 0; left -= 10)
            {
                _now += TimeSpan.FromMilliseconds(10);
                _machine.Advance(_now, _seen);
            }
        }
    }
}
