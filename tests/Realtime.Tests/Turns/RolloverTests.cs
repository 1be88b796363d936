using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class RolloverTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { Instructions = "Be kind.", Voice = "marin", TranscriptionModel = "gpt-4o-mini-transcribe" },
    };

    [Fact]
    public void A_successor_is_opened_early_and_adopted_in_a_quiet_moment()
    {
        var lab = new CallLab(Options) { SessionLifetime = TimeSpan.FromSeconds(20) };
        lab.Start();
        lab.Say("Hello.");
        lab.Run(3000);
        lab.Run(7000);
        Assert.Equal(2, lab.Current);
        Assert.Equal(["Hello.", "Hello there, how can I help you today?"], lab.Model.Items.Select(i => i.Text));
        lab.Run(2500);
        Assert.Equal([1], lab.Closed);
        lab.Say("And now?");
        lab.Run(3000);
        Assert.Equal(4, lab.Machine.Conversation.Items.Count);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
        Assert.DoesNotContain(CallState.Reconnecting, lab.States);
    }

    [Fact]
    public void A_socket_that_drops_in_mid_sentence_lets_the_sentence_be_finished_by_its_successor()
    {
        var lab = new CallLab(Options)
        {
            Plans = _ => new Plan { Text = "One two three four five six seven eight nine ten.", AudioMs = 5000 },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Count."));
        for (var i = 0; i < 7; i++)
        {
            lab.Model.Step();
            lab.Deliver();
        }

        lab.Run(500, generate: false);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Equal(2, lab.Current);
        var again = lab.Sent<ModelCommand.CreateResponse>().Last();
        Assert.Contains("cut off your last sentence", again.Settings!.Instructions);
        lab.Generate();
        lab.Run(8000);
        var items = lab.Machine.Conversation.Items;
        Assert.Equal(3, items.Count);
        Assert.True(items[1].Interrupted);
        Assert.Equal(2000, items[1].HeardMilliseconds);
        Assert.False(items[2].Interrupted);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_socket_that_drops_before_the_answer_began_is_asked_again()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        lab.Generate();
        lab.Run(3000);
        Assert.Equal(["Hi", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Words_spoken_into_a_socket_that_dies_are_spoken_again_into_the_next()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Run(1000);
        var started = lab.Now;
        lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(800);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        var adopt = lab.All.OfType<TurnCommand.AdoptSession>().Last();
        Assert.Equal(2, adopt.Session);
        Assert.InRange((started - adopt.ReplayInputFrom!.Value).TotalMilliseconds, 300, 1000);
    }

    [Fact]
    public void A_turn_committed_but_not_yet_understood_is_taken_back_and_spoken_again()
    {
        var lab = new CallLab(Options);
        lab.Start();
        var model = lab.Model;
        var id = model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(1500);
        model.SpeechStops(id, 1900);
        lab.Deliver();
        Assert.Single(lab.Machine.Conversation.Items);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Empty(lab.Machine.Conversation.Items);
        Assert.NotNull(lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom);
        lab.Say("What I said.");
        lab.Run(3000);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gpt-4o-mini-transcribe")]
    public void A_turn_that_was_answered_is_not_spoken_again_transcribed_or_not(string? transcription)
    {
        var lab = new CallLab(Options with { Session = Options.Session with { TranscriptionModel = transcription } });
        lab.Start();
        var model = lab.Model;
        var id = model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(1500);
        model.SpeechStops(id, 1900);
        lab.Deliver();
        lab.Run(6000);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
        Assert.Equal(
            ["(spoken words that were not transcribed)", "Hello there, how can I help you today?"], lab.Model.Items.Select(i => i.Text));
        var from = lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom;
        Assert.InRange((lab.Now - from!.Value).TotalMilliseconds, 0, 800);
    }

    [Fact]
    public void A_tool_that_runs_across_the_switch_is_answered_in_the_new_session()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Calls = [("c1", "slow", "{}")] } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Look it up."));
        lab.Generate();
        lab.Input(new TurnInput.SessionLost(1, "close 4001"));
        Assert.Contains(lab.Model.Items, i => i.Kind == ModelItemKind.FunctionCall && i.CallId == "c1");
        lab.Plans = _ => new Plan { Text = "Found.", AudioMs = 500 };
        lab.Input(new TurnInput.ToolCompleted("c1", "{\"x\":1}", false));
        lab.Run(2000);
        Assert.Equal("{\"x\":1}", lab.Model.Items.Single(i => i.Kind == ModelItemKind.FunctionOutput).Output);
        Assert.Equal("Found.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Single(lab.Tools);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_wedged_session_is_left_with_its_context()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Say("Remember seven.");
        lab.Run(3000);
        lab.Plans = c => new Plan { Text = "Seven.", AudioMs = lab.Current == 1 ? 0 : 500, Fails = lab.Current == 1 };
        lab.Say("Which number?");
        lab.Run(3000);
        Assert.Equal(2, lab.Current);
        Assert.Contains("session_wedged", lab.Problems);
        Assert.Equal("Seven.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Equal("Remember seven.", lab.Model.Items[0].Text);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
    }

    [Theory]
    [InlineData(-7200)]
    [InlineData(0)]
    public void A_clock_that_is_wrong_makes_no_storm_of_sessions(int lifetimeSeconds)
    {
        var lab = new CallLab(Options) { SessionLifetime = TimeSpan.FromSeconds(lifetimeSeconds) };
        lab.Start();
        lab.Say("Hello.");
        lab.Run(60_000);
        Assert.Equal(1, lab.Current);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
    }

    [Fact]
    public void What_a_session_fixes_once_is_not_sent_again()
    {
        var traced = Options with
        {
            Session = Options.Session with { Tracing = System.Text.Json.JsonSerializer.SerializeToElement("auto") },
        };
        var lab = new CallLab(traced);
        lab.Start();
        lab.Say("Hello.");
        lab.Run(3000);
        lab.Input(new TurnInput.RoleChanged(traced with { Session = traced.Session with { Instructions = "Be brief." } }));
        var updates = lab.Sent<ModelCommand.UpdateSession>()
            .Select(u => (u.Settings.Instructions, u.Settings.Voice, u.Settings.Tracing is not null)).ToArray();
        Assert.Equal([("Be kind.", "marin", true), ("Be brief.", null, false)], updates);
        Assert.Equal(1, lab.Current);
    }

    [Fact]
    public void A_rate_limit_is_waited_for_in_the_same_session()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        var tag = lab.Sent<ModelCommand.CreateResponse>().Single().Settings!.Tag;
        lab.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.RateLimitsUpdated(0, 500, 4)));
        lab.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.ResponseDone("r", "failed", "rate_limit_exceeded", [], default, tag)));
        lab.Run(3900, generate: false);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(200, generate: false);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(1, lab.Current);
        Assert.Contains("rate_limit_reached", lab.Problems);
    }

    [Fact]
    public void A_sentence_whose_transcript_went_down_after_its_last_audio_is_known_to_the_next_session()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Text = "An ans", AudioMs = 90 } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        while (!lab.Tracks.Any(t => t.Finished))
        {
            lab.Model.Step();
            var what = lab.Model.Events;
            while (what.TryDequeue(out var next) && next is not ModelEvent.AudioTranscriptDone)
            {
                lab.Input(new TurnInput.ModelEventReceived(1, next));
            }
        }

        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        lab.Run(1000);
        Assert.Equal(["Hi", "An ans"], lab.Machine.Conversation.Items.Select(i => i.Text).Take(2));
        Assert.Contains(lab.Model.Items, i => i.Text == "An ans");
    }

    [Fact]
    public void A_question_is_answered_although_the_words_that_followed_it_went_down_with_the_socket()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PageText("What is a roux?"));
        lab.Deliver();
        lab.Model.SpeechStarts(100);
        lab.Run(1200, generate: false);
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        lab.Run(6000);
        Assert.Equal(["What is a roux?", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_model_that_always_fails_ends_the_call_and_does_not_spin()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Fails = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run(60_000);
        Assert.Equal("model_failed", lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
        Assert.InRange(lab.Sent<ModelCommand.CreateResponse>().Count(), 6, 30);
    }

    [Fact]
    public void A_response_that_falls_silent_is_cancelled_and_tried_once_more_in_the_same_session()
    {
        var (lab, hangs) = (new CallLab(Options), 1);
        lab.Plans = _ => new Plan { Text = "Yes.", AudioMs = 500, Thinks = hangs-- > 0 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run(19_000);
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        Assert.Empty(lab.Sent<ModelCommand.CancelResponse>());
        lab.Run(4_000);
        Assert.Equal(["Hi", "Yes."], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Single(lab.Sent<ModelCommand.CancelResponse>());
        Assert.Equal(1, lab.Current);
        Assert.Contains("response_stalled", lab.Problems);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_response_with_signs_of_life_is_not_given_up()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Text = "Yes.", AudioMs = 500, Thinks = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        for (var seconds = 0; seconds < 100; seconds += 10)
        {
            lab.Run(10_000);
            lab.Input(
                new TurnInput.ModelEventReceived(1, new ModelEvent.Unknown("response.reasoning_summary_text.delta", lab.Model.ActiveId)));
        }

        Assert.DoesNotContain("response_stalled", lab.Problems);
        lab.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.Unknown("response.reasoning_summary_text.delta", "another")));
        lab.Run(20_020);
        Assert.Contains("response_stalled", lab.Problems);
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData("low", 20)]
    [InlineData("high", 60)]
    [InlineData("xhigh", 120)]
    public void A_model_that_reasons_is_given_the_time_it_thinks(string? effort, int seconds)
    {
        var lab = new CallLab(Options with { Session = Options.Session with { ReasoningEffort = effort } })
        {
            Plans = _ => new Plan { Thinks = true },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run((seconds * 1000) - 1000);
        Assert.DoesNotContain("response_stalled", lab.Problems);
        lab.Run(2000);
        Assert.Contains("response_stalled", lab.Problems);
    }

    [Fact]
    public void A_response_that_falls_silent_twice_is_given_up_and_asked_for_elsewhere()
    {
        var lab = new CallLab(Options);
        lab.Plans = _ => new Plan { Text = "Yes.", AudioMs = 500, Thinks = lab.Current == 1 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run(39_000);
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        Assert.Equal(1, lab.Current);
        lab.Run(4_000);
        Assert.Equal(2, lab.Current);
        Assert.Equal("Yes.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_response_that_never_begins_is_given_up_and_asked_for_elsewhere()
    {
        var lab = new CallLab(Options);
        lab.Plans = _ => new Plan { Text = "Yes.", AudioMs = 500, Hangs = lab.Current == 1 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run(19_000);
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        lab.Run(4_000);
        Assert.Equal("Yes.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Contains("response_stalled", lab.Problems);
    }

    [Theory]
    [InlineData("insufficient_quota")]
    [InlineData("credit_balance_exhausted")]
    [InlineData("invalid_api_key")]
    public void A_service_that_refuses_the_account_ends_the_call_at_once(string code)
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Hangs = true } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        lab.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.ResponseDone(lab.Model.ActiveId!, "failed", code, [], default, null)));
        Assert.Equal("model_refused_us", lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal([1], lab.Closed);

        var refused = new CallLab(Options);
        refused.Start();
        refused.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.Error("invalid_request_error", code, "", null, null)));
        Assert.Equal("model_refused_us", refused.All.OfType<TurnCommand.EndCall>().Single().Reason);
    }

    [Fact]
    public void A_key_that_is_refused_ends_the_call_and_one_that_is_refused_later_leaves_the_session_that_is_there()
    {
        var lab = new CallLab(Options) { AutoOpen = false };
        lab.Start();
        lab.Input(new TurnInput.SessionLost(1, "The server returned status code '401'", IsFinal: true));
        Assert.Equal("model_refused_us", lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
        Assert.Single(lab.All.OfType<TurnCommand.OpenSession>());

        var later = new CallLab(Options) { SessionLifetime = TimeSpan.FromMinutes(5) };
        later.Start();
        later.AutoOpen = false;
        later.Run(185_000);
        later.Input(new TurnInput.SessionLost(2, "The server returned status code '401'", IsFinal: true));
        Assert.Empty(later.All.OfType<TurnCommand.EndCall>());
        later.Input(new TurnInput.PageText("Hi"));
        later.Run(2500);
        Assert.Equal("Hello there, how can I help you today?", later.Machine.Conversation.Items[^1].Text);
    }

    [Fact]
    public void Opening_is_tried_again_with_growing_pauses_and_not_for_ever()
    {
        var lab = new CallLab(Options) { AutoOpen = false };
        lab.Start();
        var attempts = new List<TimeSpan>();
        for (var session = 1; lab.Machine.State != CallState.Ended && session < 20; session++)
        {
            attempts.Add(lab.Now);
            lab.Input(new TurnInput.SessionLost(session, "refused"));
            while (lab.Machine.NextDeadline is not null && !lab.Opening.Contains(session + 1))
            {
                lab.Run(20);
            }
        }

        Assert.Equal(6, attempts.Count);
        Assert.Equal("model_unavailable", lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
    }

    [Fact]
    public void Another_voice_after_the_first_word_takes_another_session()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.RoleChanged(Options with { Session = Options.Session with { Voice = "cedar" } }));
        Assert.Equal(1, lab.Current);
        Assert.Equal("cedar", lab.Model.Voice);
        lab.Say("Hello.");
        lab.Run(3000);
        lab.Input(
            new TurnInput.RoleChanged(Options with { Session = Options.Session with { Voice = "marin", Instructions = "Be brief." } }));
        lab.Run(100);
        Assert.Equal(2, lab.Current);
        Assert.Equal("marin", lab.Model.Voice);
        Assert.Equal(2, lab.Model.Items.Count);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
    }

    [Fact]
    public void Another_model_takes_over_with_the_conversation_before_the_next_answer()
    {
        var lab = new CallLab(Options with { SessionKind = "tutor" }) { AutoOpen = false };
        lab.Plans = _ => new Plan { Calls = [("t1", "transfer", "{}")] };
        lab.Start();
        lab.Open(1);
        lab.Input(new TurnInput.PageText("The other one, please."));
        lab.Generate();
        lab.Input(new TurnInput.RoleChanged(Options with { SessionKind = "examiner" }));
        lab.Plans = _ => new Plan { Text = "Good day.", AudioMs = 500 };
        lab.Input(new TurnInput.ToolCompleted("t1", "{}", false));
        lab.Run(500);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal([2], lab.Opening);
        lab.Open(2);
        lab.Run(1500);
        Assert.Equal(2, lab.Current);
        Assert.Equal(
            [ModelItemKind.UserMessage, ModelItemKind.FunctionCall, ModelItemKind.FunctionOutput, ModelItemKind.AgentMessage],
            lab.Model.Items.Select(i => i.Kind));
        Assert.Equal("Good day.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
    }

    [Fact]
    public void A_long_conversation_is_summarised_before_it_has_to_be_replayed()
    {
        var lab = new CallLab(Options with { SummariseAbove = 2000 });
        lab.Plans = c => c.Settings?.OutOfBand == true
            ? new Plan { Text = "They counted." }
            : new Plan { Text = string.Concat(Enumerable.Repeat("word ", 50)), AudioMs = 1000 };
        lab.Start();
        for (var i = 0; i < 12; i++)
        {
            lab.Say($"Turn {i}.");
            lab.Run(1500);
        }

        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.InRange(lab.Model.Items.Count, 5, 16);
        Assert.Equal(ModelItemKind.SystemMessage, lab.Model.Items[0].Kind);
        Assert.Contains("They counted.", lab.Model.Items[0].Text);
        Assert.Equal(24, lab.Machine.Conversation.Items.Count);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
    }

    [Fact]
    public void Ten_minutes_of_talk_under_a_cap_of_twenty_seconds_lose_nothing_and_leave_no_gap()
    {
        var lab = new CallLab(Options) { SessionLifetime = TimeSpan.FromSeconds(20), PageReports = true };
        var turns = 0;
        lab.Plans = _ => new Plan { Text = $"Answer {turns} is a sentence of some length.", AudioMs = 2500 };
        lab.Start();
        var end = lab.Now + TimeSpan.FromMinutes(10);
        while (lab.Now < end)
        {
            var before = lab.Machine.Conversation.Items.Count;
            turns++;
            lab.Say($"Question {turns}.", speechMs: 900 + (turns * 37 % 700));
            Assert.True(lab.Audible, $"The answer to turn {turns} did not begin at once.\n{lab.Story()}");
            lab.Run(2600 + (turns * 53 % 900));
            Assert.Equal(before + 2, lab.Machine.Conversation.Items.Count);
        }

        var items = lab.Machine.Conversation.Items;
        Assert.Equal(turns * 2, items.Count);
        for (var i = 0; i < turns; i++)
        {
            Assert.Equal($"Question {i + 1}.", items[2 * i].Text);
            Assert.Equal($"Answer {i + 1} is a sentence of some length.", items[(2 * i) + 1].Text);
        }

        Assert.InRange(lab.Closed.Count, 29, 80);
        Assert.Empty(lab.Refusals.Concat(lab.Graveyard));
        Assert.DoesNotContain(CallState.Reconnecting, lab.States);
        Assert.Empty(lab.Problems);
    }
}
