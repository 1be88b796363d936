using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The turns with the habits of servers that people host themselves.</summary>
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refusal_that_comes_late_is_one_all_the_same(bool named)
    {
        var spoken = Options with { Session = Options.Session with { Instructions = "PLAIN", Voice = "x" } };
        var call = new Wire(spoken, ServerHabits.MayNotConfirm, confirms: false);
        call.Wait(3100);
        var id = named ? call.Sent.OfType<ModelCommand.UpdateSession>().Single().Id : null;
        call.Hears(new ModelEvent.Error("invalid_request_error", "invalid_value", "No such voice.", "session.audio.output.voice", id));
        var again = call.Sent.OfType<ModelCommand.UpdateSession>().Last().Settings;
        Assert.Equal(("PLAIN", null), (again.Instructions, again.Voice));
        Assert.Single(call.Seen.OfType<TurnCommand.ReportProblem>(), p => p.Code == "setting_refused");

        // The second is taken in silence, too.
        call.Wait(3100);
        call.Say(new TurnInput.PageText("Hello?"));
        Assert.Single(call.Asked);
    }

    [Fact]
    public void A_role_that_is_refused_late_gives_way_to_the_one_before()
    {
        var call = new Wire(Options, ServerHabits.MayNotConfirm, confirms: false);
        call.Wait(3100);
        call.Say(new TurnInput.RoleChanged(Options with { Version = 2, Session = Options.Session with { Instructions = "SECOND" } }));
        call.Wait(3100);
        var id = call.Sent.OfType<ModelCommand.UpdateSession>().Last().Id;
        call.Hears(new ModelEvent.Error("invalid_request_error", "string_above_max_length", "Too long.", "session.instructions", id));
        Assert.Null(call.Sent.OfType<ModelCommand.UpdateSession>().Last().Settings.Instructions);
        Assert.Contains(call.Seen, c => c is TurnCommand.SettleOptions { Version: 2, Refusal: not null });
        Assert.DoesNotContain(call.Seen, c => c is TurnCommand.EndCall);
    }

    [Fact]
    public void A_first_configuration_that_is_refused_as_a_whole_late_ends_the_call()
    {
        var call = new Wire(Options, ServerHabits.MayNotConfirm, confirms: false);
        call.Wait(3100);
        var id = call.Sent.OfType<ModelCommand.UpdateSession>().Single().Id;
        call.Hears(new ModelEvent.Error("invalid_request_error", "invalid_value", "No.", "session", id));
        Assert.Contains(call.Seen.OfType<TurnCommand.EndCall>(), end => end.Reason == "configuration_refused");
    }

    [Fact]
    public void An_answer_without_a_tag_is_the_servers_own_where_tags_come_back()
    {
        var ignoring = Options with { InterruptSpeaking = Sensitivities.Ignore, InterruptThinking = Sensitivities.Ignore };
        var call = new Wire(ignoring, ServerHabits.AnswersTurns);
        call.Say(new TurnInput.PageText("Are you there?"));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        Assert.Empty(call.Seen.OfType<TurnCommand.PlayAudio>());
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], default, null));
        call.Hears(new ModelEvent.ResponseCreated("r2", "t1"));
        call.Hears(new ModelEvent.AudioDelta("r2", "a2", 0, new byte[4800]));
        Assert.Equal("a2", Assert.Single(call.Seen.OfType<TurnCommand.PlayAudio>()).Track);
    }

    [Fact]
    public void A_voice_that_came_too_late_for_one_session_is_no_refused_one()
    {
        var spoken = Options with { Session = Options.Session with { Voice = "cedar" } };
        var call = new Wire(spoken, confirms: false);
        const string Field = "session.audio.output.voice";
        call.Hears(new ModelEvent.Error("invalid_request_error", "cannot_update_voice", "Too late.", Field, "configure"));
        Assert.Null(call.Sent.OfType<ModelCommand.UpdateSession>().Last().Settings.Voice);
        Assert.DoesNotContain(call.Seen.OfType<TurnCommand.ReportProblem>(), p => p.Code == "setting_refused");
        call.Hears(new ModelEvent.SessionUpdated());
        call.Say(new TurnInput.SessionLost(1, "dropped"));
        call.Reopen(2);
        Assert.Equal("cedar", call.Sent.OfType<ModelCommand.UpdateSession>().Last().Settings.Voice);
    }

    [Fact]
    public void What_was_typed_is_answered_when_the_sound_beside_it_was_no_word()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Say(new TurnInput.PageText("Are you there?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", "t1"));
        call.Say(new TurnInput.PageText("Hello?"));
        call.Hears(new ModelEvent.SpeechStopped("u1", 2000));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.ResponseDone("r1", "cancelled", "turn_detected", [], default, "t1"));
        call.Hears(new ModelEvent.InputTranscriptCompleted("u1", 0, "", default));
        Assert.Equal(2, call.Asked.Count());
    }

    [Fact]
    public void A_message_that_is_not_told_of_before_it_speaks_stands_between_the_turns()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "What is it?");
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, "A lamp."));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        call.Hears(new ModelEvent.AudioDone("r1", "a1", 0));
        var item = new ModelItem("a1", ModelItemKind.AgentMessage) { Text = "A lamp." };
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [item], default, null));
        call.Say(new TurnInput.PlayoutFinished("a1"));
        call.Speak("u2", "And that?");
        var line = call.Seen.OfType<TurnCommand.ShowTranscript>().Last(shown => shown.Line.ItemId == "u2").Line;
        Assert.Equal("a1", line.PreviousItemId);
    }

    [Fact]
    public void A_message_of_a_response_that_is_not_the_calls_is_deleted_though_nothing_told_of_it()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Say(new TurnInput.PageText("Are you there?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, "Mine."));
        call.Hears(new ModelEvent.AudioTranscriptDelta("r1", "a1", 0, " Again."));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], default, null));
        call.Answer("Hello?", "t1");
        Assert.Equal("a1", Assert.Single(call.Sent.OfType<ModelCommand.DeleteItem>()).ItemId);
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
        call.Hears(new ModelEvent.ResponseCreated("r2", "t2"));
        call.Hears(new ModelEvent.AudioDelta("r2", "a2", 0, new byte[4800]));
        call.Hears(new ModelEvent.ResponseDone("r2", "completed", null, [new ModelItem("a2", ModelItemKind.AgentMessage)], default, "t2"));
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

    [Fact]
    public void What_is_typed_before_the_servers_own_answer_begins_waits_for_it_and_stops_it()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "What is it?");
        call.Say(new TurnInput.PageText("No, wait."));
        Assert.Empty(call.Asked);
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        Assert.Contains(call.Sent, c => c is ModelCommand.CancelResponse("r1"));
        Assert.Empty(call.Asked);
        call.Hears(new ModelEvent.ResponseDone("r1", "cancelled", "client_cancelled", [], default, null));
        Assert.Single(call.Asked);
    }

    [Fact]
    public void What_is_typed_is_asked_for_when_the_servers_own_answer_never_begins()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Speak("u1", "What is it?");
        call.Say(new TurnInput.PageText("No, wait."));
        call.Wait(5_100);
        Assert.Single(call.Asked);
        Assert.DoesNotContain(call.Seen.OfType<TurnCommand.ReportProblem>(), p => p.Code == "response_stalled");
    }

    [Fact]
    public void What_is_typed_as_the_server_begins_to_answer_is_answered_after_it()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 900));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Say(new TurnInput.PageText("And the price?"));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], default, null));
        call.Wait(500);
        Assert.Single(call.Asked);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("cancelled")]
    public void A_servers_own_answer_that_crosses_a_request_is_not_taken_for_its_answer(string end)
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Answer("Hello?", "t1");
        call.Say(new TurnInput.PageText("How long?"));
        var own = new ModelItem("x1", ModelItemKind.AgentMessage);
        call.Hears(new ModelEvent.ResponseCreated("x", null));
        call.Hears(new ModelEvent.OutputItemAdded("x", own));
        call.Hears(new ModelEvent.ItemAdded(null, own));
        call.Hears(new ModelEvent.AudioDelta("x", "x1", 0, new byte[4800]));
        call.Hears(new ModelEvent.ResponseDone("x", end, null, [own with { Text = "Yes." }], default, null));
        call.Hears(new ModelEvent.ResponseCreated("r2", "t2"));
        call.Hears(new ModelEvent.AudioDelta("r2", "a2", 0, new byte[4800]));
        call.Hears(new ModelEvent.ResponseDone("r2", "completed", null, [new ModelItem("a2", ModelItemKind.AgentMessage)], default, "t2"));
        Assert.Empty(call.Seen.OfType<TurnCommand.EndCall>());
        Assert.DoesNotContain(call.Seen.OfType<TurnCommand.PlayAudio>(), audio => audio.Track == "x1");
        Assert.Single(call.Seen.OfType<TurnCommand.PlayAudio>(), audio => audio.Track == "a2");

        // Nobody heard it: the model must not think that it was said.
        Assert.Contains(call.Sent, c => c is ModelCommand.DeleteItem("x1"));
        Assert.Equal(2, call.Asked.Count());
    }

    [Fact]
    public void A_request_that_is_refused_for_the_servers_own_answer_waits_for_its_end()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Answer("Hello?", "t1");
        call.Say(new TurnInput.PageText("How long?"));
        call.Hears(new ModelEvent.ResponseCreated("x", null));
        call.Hears(new ModelEvent.Error("invalid_request_error", "conversation_already_has_active_response", "", null, "t2"));
        call.Wait(10_000);
        Assert.Equal(2, call.Asked.Count());
        call.Hears(new ModelEvent.ResponseDone("x", "completed", null, [], default, null));
        call.Wait(2_100);
        Assert.Equal(3, call.Asked.Count());
    }

    [Fact]
    public void A_servers_own_answer_that_never_ends_is_cancelled()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Answer("Hello?", "t1");
        call.Say(new TurnInput.PageText("How long?"));
        call.Hears(new ModelEvent.ResponseCreated("x", null));
        call.Hears(new ModelEvent.Error("invalid_request_error", "conversation_already_has_active_response", "", null, "t2"));
        call.Wait(23_000);
        Assert.Contains(call.Sent, c => c is ModelCommand.CancelResponse("x"));
        Assert.Equal(3, call.Asked.Count());
    }

    [Fact]
    public void A_turn_before_without_a_word_says_nothing_about_the_last_one()
    {
        var call = new Wire(Options, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 2000));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.SpeechStarted("u2", 2500));
        call.Hears(new ModelEvent.SpeechStopped("u2", 4500));
        call.Hears(new ModelEvent.InputCommitted("u2", null));
        call.Hears(new ModelEvent.InputTranscriptCompleted("u1", 0, "", default));
        call.Wait(500);
        Assert.Empty(call.Asked);
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        call.Hears(new ModelEvent.AudioDelta("r1", "a1", 0, new byte[4800]));
        Assert.Single(call.Seen.OfType<TurnCommand.PlayAudio>());
    }

    [Fact]
    public void A_servers_own_answer_is_reserved_for_as_it_begins()
    {
        var call = new Wire(Options with { IsBudgeted = true }, ServerHabits.AnswersTurns);
        var tag = BeginOwnAnswer(call);
        call.Say(new TurnInput.BudgetGranted(tag, 4096));
        var usage = new ModelUsage(10, 20, 0, 0, 0, 0, 5, 50);
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], usage, null));
        Assert.Equal(usage, Assert.Single(call.Seen.OfType<TurnCommand.SettleBudget>(), settled => settled.Tag == tag).Usage);
        Assert.True(Assert.Single(call.Seen.OfType<TurnCommand.RecordUsage>(), used => used.Purpose == "turn").IsReserved);
    }

    [Fact]
    public void Money_that_comes_after_the_servers_own_answer_is_given_back_and_the_answer_charged()
    {
        var call = new Wire(Options with { IsBudgeted = true }, ServerHabits.AnswersTurns);
        var tag = BeginOwnAnswer(call);
        var usage = new ModelUsage(10, 20, 0, 0, 0, 0, 5, 50);
        call.Hears(new ModelEvent.ResponseDone("r1", "completed", null, [new ModelItem("a1", ModelItemKind.AgentMessage)], usage, null));
        call.Say(new TurnInput.BudgetGranted(tag, 4096));
        Assert.Equal(default(ModelUsage), Assert.Single(call.Seen.OfType<TurnCommand.SettleBudget>(), settled => settled.Tag == tag).Usage);
        Assert.False(Assert.Single(call.Seen.OfType<TurnCommand.RecordUsage>(), used => used.Purpose == "turn").IsReserved);
    }

    [Fact]
    public void A_servers_own_answer_that_can_not_be_paid_is_cut_off_and_the_call_ends()
    {
        var call = new Wire(Options with { IsBudgeted = true }, ServerHabits.AnswersTurns);
        var tag = BeginOwnAnswer(call);
        call.Say(new TurnInput.BudgetRefused(tag, "cost_limit"));
        Assert.Contains(call.Sent, c => c is ModelCommand.CancelResponse("r1"));
        call.Hears(new ModelEvent.ResponseDone("r1", "cancelled", "client_cancelled", [], default, null));
        call.Say(new TurnInput.PlayoutCleared(null, 0));
        call.Wait(2_000);
        Assert.Contains(call.Seen.OfType<TurnCommand.EndCall>(), end => end.Reason == "cost_limit");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_money_of_an_answer_that_the_server_was_to_give_is_settled(bool lost)
    {
        var call = new Wire(Options with { IsBudgeted = true }, ServerHabits.AnswersTurns);
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 2000));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        var tag = Assert.Single(call.Seen.OfType<TurnCommand.ReserveBudget>()).Tag;
        call.Say(new TurnInput.BudgetGranted(tag, 4096));
        Assert.Empty(call.Asked);
        call.Say(lost ? new TurnInput.SessionLost(1, "gone")
            : new TurnInput.ModelEventReceived(1, new ModelEvent.InputTranscriptCompleted("u1", 0, "", default)));
        var settled = Assert.Single(call.Seen.OfType<TurnCommand.SettleBudget>(), settled => settled.Tag == tag);

        // Of a session that is gone nobody knows what it had begun.
        Assert.Equal(lost ? null : default(ModelUsage), settled.Usage);
    }

    // A short sound is answered by the server before its words are known.
    private static string BeginOwnAnswer(Wire call)
    {
        call.Hears(new ModelEvent.SpeechStarted("u1", 0));
        call.Hears(new ModelEvent.SpeechStopped("u1", 900));
        call.Hears(new ModelEvent.InputCommitted("u1", null));
        call.Hears(new ModelEvent.ResponseCreated("r1", null));
        var asked = Assert.Single(call.Seen.OfType<TurnCommand.ReserveBudget>());
        Assert.Equal(asked.Bound.MostOutput, asked.Bound.LeastOutput);
        return asked.Tag;
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

        /// <summary>A typed question is answered under the tag of its request.</summary>
        public void Answer(string text, string tag)
        {
            Say(new TurnInput.PageText(text));
            Hears(new ModelEvent.ResponseCreated("r" + tag, tag));
            Hears(new ModelEvent.AudioDelta("r" + tag, "a" + tag, 0, new byte[4800]));
            Hears(new ModelEvent.AudioDone("r" + tag, "a" + tag, 0));
            var item = new ModelItem("a" + tag, ModelItemKind.AgentMessage);
            Hears(new ModelEvent.ResponseDone("r" + tag, "completed", null, [item], default, tag));
            Say(new TurnInput.PlayoutFinished("a" + tag));
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
