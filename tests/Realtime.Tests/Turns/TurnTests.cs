using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class TurnTests
{
    private static readonly TurnOptions Plain = new()
    {
        Session = new SessionSettings { Instructions = "Be kind.", TranscriptionModel = "gpt-4o-mini-transcribe" },
    };

    [Fact]
    public void The_first_session_opens_with_the_call_and_the_greeting_waits_for_the_page()
    {
        var lab = new CallLab(Plain with { SpeaksFirst = true });
        lab.Input(new TurnInput.CallStarted());
        lab.Generate();
        Assert.Single(lab.Sent<ModelCommand.UpdateSession>());
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(CallState.Connecting, lab.Machine.State);

        lab.Input(new TurnInput.PageConnectionChanged(true));
        lab.Generate();
        var greeting = Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Null(greeting.Settings!.Instructions);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Run(2500);
        Assert.Equal([CallState.Thinking, CallState.Speaking, CallState.Listening], lab.States);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Typed_text_becomes_an_item_and_is_answered_aloud()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageText("What is on the menu?"));
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        lab.Generate();
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Run(2500);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Equal(
            ["What is on the menu?", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.All(lab.Machine.Conversation.Items, item => Assert.True(item.Final));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_cough_into_silence_is_not_answered_and_leaves_no_line()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        var cough = lab.Say("", speechMs: 160, transcriptDelayMs: 400);
        lab.Run(3000);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(cough, Assert.Single(lab.Sent<ModelCommand.DeleteItem>()).ItemId);
        Assert.Empty(lab.Machine.Conversation.Items);
        Assert.Empty(lab.Lines);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Theory]
    [InlineData("Yes.", 400)]
    [InlineData("Yes.", 2000)]
    public void A_short_word_is_answered_with_its_transcript_or_when_that_is_late(string word, int transcriptDelayMs)
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Say(word, speechMs: 200, transcriptDelayMs: transcriptDelayMs);
        lab.Run(3000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal([word, "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_cough_while_a_function_runs_leaves_the_function_alone()
    {
        var lab = new CallLab(Plain with { Tools = new Dictionary<string, ToolPolicy> { ["show"] = new(new EarlyAnswer(GoesOn: false)) } });
        var rounds = 0;
        lab.Plans = _ => rounds++ == 0 ? new Plan { Calls = [("a", "show", "{}")] } : new Plan { Text = "Here.", AudioMs = 400 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Show me."));
        lab.Generate();
        lab.Say("", speechMs: 160, transcriptDelayMs: 400);
        lab.Run(1000);
        Assert.Empty(lab.CancelledTools);
        lab.Input(new TurnInput.ToolCompleted("a", "1", false));
        lab.Run(1500);
        Assert.Equal("Here.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Typed_text_is_answered_in_a_room_that_is_never_quiet()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(7000);
        lab.Input(new TurnInput.PageText("hello"));
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(2500);
        lab.Input(new TurnInput.PageText("hello again"));
        lab.Run(2500);
        Assert.Equal(
            2, lab.Machine.Conversation.Items.Count(i => i is { Kind: ModelItemKind.AgentMessage, Final: true, Interrupted: false }));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_output_of_a_function_waits_five_seconds_for_a_speaker_and_no_longer()
    {
        var lab = new CallLab(Plain);
        var rounds = 0;
        lab.Plans = _ => rounds++ == 0 ? new Plan { Calls = [("a", "show", "{}")] } : new Plan { Text = "Here.", AudioMs = 400 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Show me."));
        lab.Generate();
        lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Input(new TurnInput.ToolCompleted("a", "1", false));
        lab.Run(4900);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(ResponseBlockers.UserSpeaking, lab.Machine.Blockers);
        lab.Run(200);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.DoesNotContain("never_quiet", lab.Problems);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Keys_of_the_telephone_become_one_system_message_that_is_answered()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        foreach (var key in "12x34")
        {
            lab.Input(new TurnInput.DigitPressed(key));
            lab.Run(600);
        }

        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(1000);
        var told = Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.SystemMessage);
        Assert.Equal("The person pressed 1234 on the telephone keypad.", told.Text);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Generate();
        lab.Run(2500);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_hash_key_ends_a_number_and_interrupts_the_agent()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me."));
        lab.Generate();
        lab.Run(500);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Input(new TurnInput.DigitPressed('7'));
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Input(new TurnInput.DigitPressed('#'));
        lab.Run(500);
        Assert.Contains(lab.Model.Items, i => i.Text == "The person pressed 7# on the telephone keypad.");
        Assert.True(lab.Machine.Conversation.Items[1].Interrupted);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_key_that_is_held_down_is_bounded()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        for (var i = 0; i < 100; i++)
        {
            lab.Input(new TurnInput.DigitPressed('5'));
        }

        lab.Generate();
        lab.Run(4000);
        var told = lab.Model.Items.Where(i => i.Kind == ModelItemKind.SystemMessage).Select(i => i.Text.Count(c => c == '5'));
        Assert.Equal([32, 32, 32, 4], told);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_page_is_shown_each_key_and_a_model_that_is_not_to_hear_them_is_told_none()
    {
        var lab = new CallLab(Plain with { ModelHearsKeys = false });
        lab.Start();
        foreach (var key in "4x2#")
        {
            lab.Input(new TurnInput.DigitPressed(key));
        }

        lab.Run(3000);
        Assert.Equal("42#", string.Concat(lab.All.OfType<TurnCommand.ShowDigit>().Select(c => c.Digit)));
        Assert.DoesNotContain(lab.Model.Items, i => i.Kind == ModelItemKind.SystemMessage);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
    }

    [Fact]
    public void The_machine_says_why_it_does_not_request_the_response_that_is_wanted()
    {
        var lab = new CallLab(Plain) { AutoOpen = false };
        lab.Input(new TurnInput.CallStarted());
        Assert.Equal(ResponseBlockers.None, lab.Machine.Blockers);
        lab.Input(new TurnInput.PageText("Hello?"));
        Assert.Equal(ResponseBlockers.NoSession | ResponseBlockers.PageAway, lab.Machine.Blockers);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(ResponseBlockers.NoSession, lab.Machine.Blockers);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Open(lab.Opening[0]);
        Assert.Equal(ResponseBlockers.None, lab.Machine.Blockers);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());

        lab.Input(new TurnInput.PageText("And quickly."));
        Assert.Equal(ResponseBlockers.ResponseActive, lab.Machine.Blockers);
        lab.Input(new TurnInput.ModelEventReceived(lab.Current, new ModelEvent.SpeechStarted("spoken", 0)));
        Assert.Equal(ResponseBlockers.ResponseActive | ResponseBlockers.UserSpeaking, lab.Machine.Blockers);
    }

    [Fact]
    public void A_spoken_turn_is_answered_on_its_commit_not_on_its_transcript()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        var item = lab.Say("What is on the menu?", transcriptDelayMs: 700);
        lab.Run(3000);
        Assert.Equal(item, lab.Machine.Conversation.Items[0].Id);
        Assert.Equal("What is on the menu?", lab.Machine.Conversation.Items[0].Text);
        Assert.Equal(ModelItemKind.AgentMessage, lab.Machine.Conversation.Items[1].Kind);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_agents_words_are_shown_in_step_with_its_voice()
    {
        var lab = new CallLab(Plain) { PageReports = true };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        lab.Run(1000);
        var line = lab.Lines.Values.Single(l => l.Speaker == Speaker.Agent);
        Assert.False(line.Final);
        Assert.StartsWith("Hello there", line.Text);
        Assert.InRange(line.Text.Length, 8, 25);
        lab.Run(1500);
        line = lab.Lines.Values.Single(l => l.Speaker == Speaker.Agent);
        Assert.True(line.Final);
        Assert.Equal("Hello there, how can I help you today?", line.Text);
    }

    [Fact]
    public void Nothing_is_said_into_a_page_that_went_away()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageConnectionChanged(false));
        Assert.Equal(CallState.Reconnecting, lab.Machine.State);
        lab.Input(new TurnInput.PageText("late"));
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
    }

    [Fact]
    public void An_image_without_words_waits_for_the_next_turn()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageImage("data:image/png;base64,AAAA", null));
        lab.Generate();
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Input(new TurnInput.PageImage("data:image/png;base64,BBBB", "What is this?"));
        lab.Generate();
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(2, lab.Model.Items.Count(i => i.ImageUrl is not null));
    }

    [Fact]
    public void Push_to_talk_commits_on_release_and_forgets_a_mere_tap()
    {
        var lab = new CallLab(Plain with { Session = Plain.Session with { TurnDetection = null } });
        lab.Start();
        Assert.Equal(UplinkMode.Closed, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PushToTalk(true));
        Assert.Equal(UplinkMode.Live, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Run(100);
        lab.Input(new TurnInput.PushToTalk(false));
        Assert.Empty(lab.Sent<ModelCommand.CommitInput>());

        lab.Input(new TurnInput.PushToTalk(true));
        lab.Run(1200);
        lab.Input(new TurnInput.PushToTalk(false));
        Assert.Single(lab.Sent<ModelCommand.CommitInput>());
        Assert.Equal(UplinkMode.Closed, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Generate();
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(CallState.Speaking, lab.Machine.State);
    }

    [Fact]
    public void Mute_sends_silence_so_that_a_turn_can_end()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageMute(true));
        Assert.Equal(UplinkMode.Silence, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PushToTalk(true));
        Assert.Equal(UplinkMode.Live, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PushToTalk(false));
        Assert.Equal(UplinkMode.Silence, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PageMute(false));
        Assert.Equal(UplinkMode.Live, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
    }

    [Fact]
    public void After_a_long_silence_the_agent_asks_twice_and_then_waits()
    {
        var lab = new CallLab(Plain with { IdleTimeout = TimeSpan.FromSeconds(8) });
        lab.Start();
        lab.Run(7900);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Run(60_000);
        var prompts = lab.Sent<ModelCommand.CreateResponse>().ToArray();
        Assert.Equal(2, prompts.Length);
        Assert.All(prompts, p => Assert.False(p.Settings!.AllowTools));
        lab.Say("Yes, I am here.");
        lab.Run(12_000);
        Assert.Equal(4, lab.Sent<ModelCommand.CreateResponse>().Count());
    }

    [Fact]
    public void Hanging_up_asks_for_the_recap_and_then_ends()
    {
        var lab = new CallLab(Plain with { RecapInstructions = "Sum up." })
        {
            Plans = c =>
                c.Settings?.OutOfBand == true ? new Plan { Text = "## Recap" } : new Plan { Text = "One two three.", AudioMs = 3000 },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        lab.Run(500);
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(100);
        Assert.Equal("## Recap", Assert.Single(lab.All.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.IsType<TurnCommand.EndCall>(lab.All[^1]);
        Assert.Equal(CallState.Ended, lab.Machine.State);
        Assert.Null(lab.Machine.NextDeadline);
        Assert.True(lab.Machine.Conversation.Items[^1].Interrupted);
        Assert.Empty(lab.Graveyard);
    }

    [Fact]
    public void A_recap_that_does_not_come_does_not_hold_the_call()
    {
        var lab = new CallLab(Plain with { RecapInstructions = "Sum up." });
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        lab.Run(3000);
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(9_900, generate: false);
        Assert.NotEqual(CallState.Ended, lab.Machine.State);
        lab.Run(200, generate: false);
        Assert.Equal(CallState.Ended, lab.Machine.State);
    }

    [Fact]
    public void A_recap_during_the_call_stays_outside_the_conversation()
    {
        var lab = new CallLab(Plain with { RecapInstructions = "Sum up." })
        {
            Plans = c => c.Settings?.OutOfBand == true ? new Plan { Text = "So far so good." } : new Plan { Text = "Yes.", AudioMs = 500 },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Run(1000);
        lab.Input(new TurnInput.RecapRequested());
        lab.Generate();
        Assert.Equal("So far so good.", Assert.Single(lab.All.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_model_that_writes_is_shown_as_it_writes()
    {
        var lab = new CallLab(Plain with { Session = Plain.Session with { TextOnly = true } });
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Deliver();
        var tag = lab.Sent<ModelCommand.CreateResponse>().Single().Settings!.Tag;
        void Say(ModelEvent what) => lab.Input(new TurnInput.ModelEventReceived(1, what));
        Say(new ModelEvent.ResponseCreated("r", tag));
        Say(new ModelEvent.OutputItemAdded("r", new ModelItem("i", ModelItemKind.AgentMessage)));
        Say(new ModelEvent.ItemAdded(null, new ModelItem("i", ModelItemKind.AgentMessage)));
        Say(new ModelEvent.TextDelta("r", "i", 0, "Good "));
        Assert.Equal(("Good ", false), (lab.Lines["i"].Text, lab.Lines["i"].Final));
        Say(new ModelEvent.TextDelta("r", "i", 0, "day."));
        Say(new ModelEvent.TextDone("r", "i", 0, "Good day."));
        Say(
            new ModelEvent.ResponseDone(
                "r", "completed", null, [new ModelItem("i", ModelItemKind.AgentMessage) { Text = "Good day." }], default, tag));
        Assert.Equal(("Good day.", true), (lab.Lines["i"].Text, lab.Lines["i"].Final));
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.True(lab.Machine.Conversation.Items[1] is { Text: "Good day.", Final: true, IsAudio: false });
    }

    [Fact]
    public void An_audio_delta_passes_by_reference_and_costs_two_small_objects()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        var tag = lab.Sent<ModelCommand.CreateResponse>().Single().Settings!.Tag;
        lab.Input(new TurnInput.ModelEventReceived(1, new ModelEvent.ResponseCreated("r", tag)));
        var pcm = new byte[4800];
        var input = new TurnInput.ModelEventReceived(1, new ModelEvent.AudioDelta("r", "i", 0, pcm));
        var commands = new List<TurnCommand>(1200);
        for (var i = 0; i < 20; i++)
        {
            lab.Machine.Handle(lab.Now, input, commands);
        }

        commands.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            lab.Machine.Handle(lab.Now, input, commands);
        }

        // The command, and its share of the list of what may have to be played again.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 1, 120);
        Assert.True(
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(
                Assert.IsType<TurnCommand.PlayAudio>(commands[0]).Pcm, out var played));
        Assert.Same(pcm, played.Array);
    }

    [Fact]
    public void Usage_is_summed_per_modality()
    {
        var lab = new CallLab(Plain);
        lab.Start();
        lab.Say("One.");
        lab.Run(3000);
        lab.Say("Two.");
        lab.Run(3000);
        Assert.Equal(new ModelUsage(20, 40, 0, 0, 0, 0, 10, 100), lab.Machine.Conversation.Usage);
        Assert.Equal(2, lab.All.OfType<TurnCommand.RecordUsage>().Count());
    }
}
