using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>A call with a full-duplex model, in virtual time.</summary>
public sealed class LiveConversationTests
{
    [Fact]
    public void The_greeting_is_asked_for_once_session_and_page_are_there()
    {
        var lab = Lab(o => o with { SpeaksFirst = true });
        lab.Input(new TurnInput.CallStarted());
        lab.Run(300);
        Assert.Empty(lab.Model.Appends);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Contains("Greet", Assert.Single(lab.Model.Appends).Content, StringComparison.Ordinal);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Single(lab.Model.Appends);
    }

    [Fact]
    public void The_words_of_a_greeting_are_said_as_commentary()
    {
        var lab = Started(o => o with { SpeaksFirst = true, GreetingWords = "Hello, I am Ada." });
        Assert.Equal((LiveAppend.Commentary, "Hello, I am Ada."), (lab.Model.Appends[0].Kind, lab.Model.Appends[0].Content));
    }

    [Fact]
    public void An_utterance_is_played_shown_and_logged_with_its_words()
    {
        var lab = Started();
        lab.Model.Say("Hello there, how are you?");
        lab.Run(3000);
        var said = Assert.Single(lab.Machine.Conversation.Items);
        Assert.Equal("Hello there, how are you?", said.Text);
        Assert.True(said is { IsAudio: true, Final: true, Interrupted: false });
        Assert.Equal("Hello there, how are you?", Assert.Single(lab.Lines.Values).Text);
        Assert.Equal([CallState.Listening, CallState.Speaking, CallState.Listening], lab.States);
        Clean(lab);
    }

    [Fact]
    public void Person_and_agent_have_lines_of_their_own_in_the_order_they_spoke()
    {
        var lab = Started();
        lab.Run(400);
        lab.Model.Transcribe("What time");
        lab.Run(200);
        lab.Model.Transcribe(" is it?");
        lab.Run(400);
        lab.Model.Say("It is noon.");
        lab.Run(2500);
        lab.Model.Transcribe("Thanks.");
        lab.Run(3000);
        Assert.Equal(["What time is it?", "It is noon.", "Thanks."], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.All(lab.Lines.Values, line => Assert.True(line.Final));
        Clean(lab);
    }

    [Fact]
    public void When_the_agent_falls_silent_in_mid_sentence_its_queue_is_emptied_and_it_is_told_what_was_heard()
    {
        var lab = Started();
        lab.Model.Say("The first thing that you should know about this is its age.");
        lab.Run(1300);
        lab.Input(new TurnInput.PageSpeech(true));
        lab.Run(300);
        Assert.Contains(CallState.Both, lab.States);
        lab.Model.FallSilent();
        lab.Run(140);
        Assert.Equal(0, lab.QueuedMs);
        lab.Run(1000);
        var said = lab.Machine.Conversation.Items[0];
        Assert.True(said.Interrupted);
        Assert.StartsWith("The first thing", said.Text, StringComparison.Ordinal);
        var told = Assert.Single(lab.Told);
        Assert.Contains($"only up to these words: \"{said.Text}\"", told, StringComparison.Ordinal);
        Clean(lab);
    }

    [Fact]
    public void A_model_that_heard_the_person_before_the_page_did_was_interrupted_all_the_same()
    {
        var lab = Started();
        lab.Model.Say("The first thing that you should know about this is its age.");
        lab.Run(1300);
        lab.Model.FallSilent();
        lab.Run(260);
        lab.Input(new TurnInput.PageSpeech(true));
        lab.Run(1500);
        var said = lab.Machine.Conversation.Items[0];
        Assert.True(said.Interrupted);
        Assert.Contains($"\"{said.Text}\"", Assert.Single(lab.Told), StringComparison.Ordinal);
        Clean(lab);
    }

    [Fact]
    public void A_sentence_that_is_whole_is_played_to_its_end_though_the_person_speaks()
    {
        var lab = Started();
        lab.Model.Say("It is noon.");
        lab.Run(500);
        lab.Input(new TurnInput.PageSpeech(true));
        lab.Run(3000);
        Assert.False(Assert.Single(lab.Machine.Conversation.Items).Interrupted);
        Assert.Empty(lab.Told);
        Assert.DoesNotContain(lab.All, c => c is TurnCommand.ClearPlayout);
    }

    [Fact]
    public void Stop_drops_the_rest_of_the_sentence_however_long_the_model_goes_on()
    {
        var lab = Started();
        lab.Model.Say("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.");
        lab.Run(1200);
        lab.Input(new TurnInput.PageInterrupt());
        var heard = lab.Heard.Values.Max();
        lab.Run(1500);
        Assert.Equal(heard, lab.Heard.Values.Max());
        Assert.True(lab.Machine.Conversation.Items[0].Interrupted);
        Assert.Contains(lab.Told, t => t.Contains("pressed stop", StringComparison.Ordinal));
        lab.Run(2000);
        lab.Model.Say("I am silent.");
        lab.Run(2000);
        Assert.Equal("I am silent.", lab.Machine.Conversation.Items[^1].Text);
        Clean(lab);
    }

    [Fact]
    public void What_is_told_as_heard_is_what_reached_the_ear()
    {
        for (var at = 700; at < 2900; at += 60)
        {
            var lab = Started();
            lab.Run(100 - (lab.Model.Timeline % 200 == 0 ? 100 : 0));
            lab.Model.Say("alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa");
            lab.Run(at);
            lab.Input(new TurnInput.PageInterrupt());
            lab.Run(1000);
            var ear = lab.Heard.Values.Max();
            var said = lab.Machine.Conversation.Items is [var first, ..] ? first.Text : "";
            var words = said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

            // A word lasts a cell of 200 ms: those that were heard to their end count.
            Assert.InRange(words, (ear - 40) / 200, (ear + 40) / 200);
        }
    }

    [Fact]
    public void After_a_reload_the_model_is_told_up_to_which_words_it_was_heard_and_nothing_old_is_played()
    {
        var lab = Started();
        lab.Model.Say("one two three four five six seven eight nine ten eleven twelve thirteen fourteen.");
        lab.Run(1500);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(2500);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        lab.Run(200);
        Assert.Equal(0, lab.QueuedMs);
        var said = lab.Machine.Conversation.Items[0];
        Assert.True(said.Interrupted);
        var told = Assert.Single(lab.Told);
        Assert.Contains($"\"{said.Text}\"", told, StringComparison.Ordinal);
        Assert.Contains("is back", told, StringComparison.Ordinal);
        Clean(lab);
    }

    [Fact]
    public void A_lost_session_is_replaced_by_one_that_knows_the_conversation_and_hears_what_was_said_meanwhile()
    {
        var lab = Started();
        lab.Run(400);
        lab.Model.Transcribe("My name is Kim.");
        lab.Run(2500);
        lab.Model.Say("Hello Kim.");
        lab.Run(2500);
        lab.Lose(lab.Current);
        lab.Run(1000);
        Assert.Equal(["My name is Kim.", "Hello Kim."], lab.Model.History.Select(i => i.Text));
        Assert.NotNull(lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom);
        lab.Model.Say("I am still here.");
        lab.Run(2000);
        Assert.Equal("I am still here.", lab.Machine.Conversation.Items[^1].Text);
        Clean(lab);
    }

    [Fact]
    public void A_page_whose_way_is_cut_heard_what_had_been_sent_until_then()
    {
        var lab = Started();
        lab.Model.Say(string.Join(' ', Enumerable.Range(1, 40)));
        lab.Run(1_500);
        var sent = lab.Heard.Values.Max() + lab.EarDelayMs;
        lab.PageReports = false;
        lab.Run(3_000);
        lab.Input(new TurnInput.PageConnectionChanged(false) { SilentFor = TimeSpan.FromSeconds(3) });
        lab.Run(500);
        Assert.InRange(lab.Machine.Conversation.Items[0].HeardMilliseconds, sent - 40, sent + 20);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Contains("is back", Assert.Single(lab.Told), StringComparison.Ordinal);
        Clean(lab);
    }

    [Fact]
    public void What_had_been_sent_when_the_way_was_cut_is_known_though_the_voice_faltered_later()
    {
        var lab = Started();
        lab.Model.Say(string.Join(' ', Enumerable.Range(1, 40)));
        lab.Run(1_200);
        var sent = lab.Heard.Values.Max() + lab.EarDelayMs;
        lab.PageReports = false;

        // The packets leave 900 ms late.
        lab.HoldsPlayout = true;
        lab.Run(900);
        lab.HoldsPlayout = false;
        lab.Run(3_100);
        lab.Input(new TurnInput.PageConnectionChanged(false) { SilentFor = TimeSpan.FromSeconds(4) });
        lab.Run(500);
        Assert.InRange(lab.Machine.Conversation.Items[0].HeardMilliseconds, sent - 40, sent + 20);
        Clean(lab);
    }

    [Fact]
    public void Seconds_are_booked_as_the_service_counts_them_and_never_twice()
    {
        var lab = Started();
        lab.Run(15_000);
        lab.Model.Events.Enqueue(new LiveEvent.UsageUpdated(15, null));
        lab.Run(15_000);
        lab.Model.Events.Enqueue(new LiveEvent.UsageUpdated(30, 0.1));
        lab.Model.Events.Enqueue(new LiveEvent.UsageUpdated(30, 0.1));
        lab.Run(4_500);
        lab.Input(new TurnInput.HangUpRequested("bye"));
        Assert.Equal(34, lab.BookedSeconds);
    }

    [Fact]
    public void Muted_the_person_sends_silence_and_the_timeline_goes_on()
    {
        var lab = Started();
        lab.Input(new TurnInput.PageMute(true));
        Assert.Equal(UplinkMode.Silence, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PageMute(false));
        Assert.Equal(UplinkMode.Live, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        Assert.DoesNotContain(lab.All.OfType<TurnCommand.SetUplink>(), c => c.Mode == UplinkMode.Closed);
    }

    [Fact]
    public void The_talk_key_opens_a_muted_microphone_while_it_is_held_and_its_voice_interrupts()
    {
        var lab = Started();
        lab.Input(new TurnInput.PageMute(true));
        lab.Model.Say("The first thing that you should know about this is its age.");
        lab.Run(1_300);
        lab.Input(new TurnInput.PushToTalk(true));
        Assert.Equal(UplinkMode.Live, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        lab.Input(new TurnInput.PageSpeech(true));
        lab.Run(300);
        Assert.Contains(CallState.Both, lab.States);
        lab.Model.FallSilent();
        lab.Run(1_000);
        var said = lab.Machine.Conversation.Items[0];
        Assert.True(said.Interrupted);
        Assert.Contains($"\"{said.Text}\"", Assert.Single(lab.Told), StringComparison.Ordinal);
        lab.Input(new TurnInput.PushToTalk(false));
        Assert.Equal(UplinkMode.Silence, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);

        // Another session is given silence, too.
        lab.Lose(1);
        lab.Run(400);
        Assert.Equal(UplinkMode.Silence, lab.All.OfType<TurnCommand.SetUplink>().Last().Mode);
        Assert.DoesNotContain(lab.All.OfType<TurnCommand.SetUplink>(), c => c.Mode == UplinkMode.Closed);
        Clean(lab);
    }

    [Fact]
    public void Typed_text_goes_to_the_backend_or_as_an_instruction_and_is_split()
    {
        var responses = Started();
        responses.Input(new TurnInput.PageText("Set a timer."));
        Assert.Equal("Set a timer.", Assert.Single(responses.Model.Items).Text);
        Assert.True(responses.Model.IsContinued);

        var client = Started(isClients: true);
        client.Input(new TurnInput.PageText(string.Join(' ', Enumerable.Repeat("wordy", 700))));
        Assert.Equal(3, client.Model.Appends.Count);
        Assert.StartsWith("The person typed: ", client.Model.Appends[0].Content, StringComparison.Ordinal);
        Clean(responses);
        Clean(client);
    }

    [Fact]
    public void A_budget_that_is_spent_is_told_in_the_roles_words_and_ends_the_call_behind_them()
    {
        var lab = Started(o => o with { GoodbyeWords = "Our time is up." });
        lab.Input(new TurnInput.BudgetSpent("cost_limit"));
        lab.Model.Say("Our time is up.");
        lab.Run(600);
        Assert.False(lab.IsEnded);
        lab.Run(3000);
        Assert.Equal("cost_limit", lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
        Assert.Equal("Our time is up.", lab.Machine.Conversation.Items[0].Text);
    }

    [Fact]
    public void An_account_without_money_ends_the_call_at_once()
    {
        var lab = Lab();
        lab.AutoOpen = false;
        lab.Input(new TurnInput.CallStarted());
        lab.Open(1);
        lab.Models[1].Events.Enqueue(new ModelEvent.Error("invalid_request_error", "credit_balance_exhausted", "", null, "start"));
        lab.Run(100);
        Assert.Equal(EndReason.ModelRefused, lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
    }

    [Fact]
    public void A_service_that_never_starts_a_session_is_given_up_after_six_tries()
    {
        var lab = Lab();
        lab.AutoOpen = false;
        lab.Input(new TurnInput.CallStarted());
        for (var i = 0; i < 20 && !lab.IsEnded; i++)
        {
            lab.Opening.ToList().ForEach(lab.Open);
            lab.Run(20_000);
        }

        Assert.Equal(EndReason.ModelUnavailable, lab.All.OfType<TurnCommand.EndCall>().Single().Reason);
        Assert.Equal(6, lab.All.OfType<TurnCommand.OpenSession>().Count());
    }

    [Fact]
    public void A_changed_role_moves_the_call_to_a_session_of_its_own()
    {
        var lab = Started();
        lab.Model.Say("Hello.");
        lab.Run(2000);
        var options = LiveLab.Options(false);
        lab.Input(new TurnInput.RoleChanged(options with { Version = 7,
            Session = options.Session with { Instructions = "You are another." } }));
        lab.Run(500);
        Assert.Equal(2, lab.Current);
        Assert.Equal("You are another.", lab.Model.Settings!.Instructions);
        Assert.Equal(7, lab.All.OfType<TurnCommand.SettleOptions>().Last().Version);
        Clean(lab);
    }

    [Fact]
    public void Other_tools_are_told_to_the_session_that_runs()
    {
        var lab = Started();
        var options = LiveLab.Options(false);
        lab.Input(new TurnInput.RoleChanged(options with { Session = options.Session with { Tools = [] } }));
        lab.Run(500);
        Assert.Equal(1, lab.Current);
        Assert.Single(lab.All.OfType<TurnCommand.SendToModel>(), c => c.Command is LiveCommand.UpdateDelegation);
        Clean(lab);
    }

    private static LiveLab Lab(Func<TurnOptions, TurnOptions>? change = null, bool isClients = false) =>
        new(change?.Invoke(LiveLab.Options(isClients)) ?? LiveLab.Options(isClients));

    private static LiveLab Started(Func<TurnOptions, TurnOptions>? change = null, bool isClients = false)
    {
        var lab = Lab(change, isClients);
        lab.Start();
        return lab;
    }

    private static void Clean(LiveLab lab)
    {
        Assert.Empty(lab.Refusals.Concat(lab.Models.Values.SelectMany(m => m.Refusals)));
        Assert.Empty(lab.Problems);
    }
}
