using Bridge.Realtime.Conversation;
using Bridge.Realtime.Live;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>A call moves from one session of a full-duplex model to the next, and nothing that was said or asked is lost.</summary>
public sealed class LiveMoveTests
{
    [Fact]
    public void Before_a_session_expires_the_call_moves_at_a_quiet_moment()
    {
        var lab = Lab();
        lab.Lifetime = TimeSpan.FromSeconds(20);
        lab.Start();
        lab.Lifetime = null;
        lab.Run(9_600);
        lab.Model.Say("one two three four five six seven eight nine ten.");
        lab.Run(1000);
        Assert.Equal(1, lab.Current);
        lab.Run(4000);
        Assert.Equal(2, lab.Current);
        Assert.False(lab.Machine.Conversation.Items[0].Interrupted);
        Assert.Equal("one two three four five six seven eight nine ten.", lab.Model.History[0].Text);
        Clean(lab);
    }

    [Fact]
    public void A_call_does_not_move_between_a_question_and_its_answer()
    {
        var lab = Lab();
        lab.Lifetime = TimeSpan.FromSeconds(20);
        lab.Start();
        lab.Lifetime = null;
        lab.Run(9_000);
        lab.Model.Transcribe("What time is it?");
        lab.Run(4_000);
        Assert.Equal(1, lab.Current);
        lab.Model.Say("It is noon.");
        lab.Run(4_000);
        Assert.Equal(2, lab.Current);
        Assert.Empty(lab.Told);
        Clean(lab);
    }

    [Fact]
    public void A_question_whose_session_is_lost_is_answered_by_the_next()
    {
        var lab = Started();
        lab.Run(400);
        lab.Model.Transcribe("What time is it?");
        lab.Run(1_000);
        lab.Lose(1);
        lab.Run(1_000);
        Assert.Equal("What time is it?", Assert.Single(lab.Model.History).Text);
        Assert.Equal("Answer what the person said last.", Assert.Single(lab.Told));
        Clean(lab);
    }

    [Fact]
    public void Words_that_the_model_left_without_an_answer_stay_without_one()
    {
        var lab = Started();
        lab.Run(400);
        lab.Model.Transcribe("All right.");
        lab.Run(12_000);
        lab.Lose(1);
        lab.Run(1_000);
        Assert.Equal(2, lab.Current);
        Assert.Empty(lab.Told);
        Clean(lab);
    }

    [Fact]
    public void Words_that_a_session_had_not_taken_when_it_was_lost_are_told_to_the_next()
    {
        var lab = Started(isClients: true);
        lab.Input(new TurnInput.PageText("Which colour?"));
        lab.Run(400);
        lab.Lose(1);
        lab.Run(400);
        Assert.Equal(2, lab.Current);
        Assert.Equal("The person typed: Which colour?", Assert.Single(lab.Model.Appends).Content);
        lab.Run(1_000);
        lab.Lose(2);
        lab.Run(2_000);
        Assert.Equal("Answer what the person said last.", Assert.Single(lab.Model.Appends).Content);
        Clean(lab);
    }

    [Fact]
    public void A_sentence_that_breaks_off_with_its_session_is_gone_on_with()
    {
        var lab = Started();
        lab.Model.Say("The first thing that you should know about this is its age.");
        lab.Run(1_300);
        lab.Lose(1);
        lab.Run(3_000);
        var said = Assert.Single(lab.Machine.Conversation.Items);
        Assert.Equal(said.GeneratedMilliseconds, said.HeardMilliseconds);
        Assert.Equal(
            $"A fault on our side cut you off. Of what you said last they heard only up to these words: \"{said.Text}\". Go on from there.",
            Assert.Single(lab.Told));
        Clean(lab);
    }

    [Fact]
    public void Back_from_a_fault_the_agent_is_told_again_to_go_on_until_it_has_spoken()
    {
        var lab = Lab();
        lab.Lifetime = TimeSpan.FromSeconds(20);
        lab.Start();
        lab.Lifetime = null;
        lab.Model.Say(string.Join(' ', Enumerable.Range(1, 100)));
        lab.Run(15_800);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Model.FallSilent();
        lab.Run(300);
        lab.Input(new TurnInput.PageConnectionChanged(true));

        // The session has taken it, and is left before it could speak.
        lab.Run(1_600);
        Assert.Equal(2, lab.Current);
        var told = Assert.Single(lab.Model.Appends).Content;
        Assert.EndsWith("Go on from there.", told, StringComparison.Ordinal);
        Assert.Contains("is back", told, StringComparison.Ordinal);

        // And so again, until the agent has spoken.
        lab.Run(1_000);
        lab.Lose(2);
        lab.Run(400);
        Assert.Equal(told, Assert.Single(lab.Model.Appends).Content);
        lab.Run(600);
        lab.Model.Say("I was at one hundred.");
        lab.Run(3_000);
        lab.Lose(3);
        lab.Run(2_000);
        Assert.Equal(4, lab.Current);
        Assert.Empty(lab.Model.Appends);
        Clean(lab);
    }

    [Fact]
    public void What_the_agent_says_of_itself_before_it_could_know_is_no_answer_to_what_it_was_told()
    {
        var lab = Started();
        lab.Model.Say("The first thing that you should know about this is its age.");
        lab.Run(1_300);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Model.FallSilent();
        lab.Run(600);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        lab.Model.Say("Hello.");
        lab.Run(500);
        Assert.Equal("Hello.", lab.Machine.Conversation.Items[^1].Text);
        lab.Lose(1);
        lab.Run(400);
        Assert.EndsWith("Go on from there.", Assert.Single(lab.Model.Appends).Content, StringComparison.Ordinal);
        Clean(lab);
    }

    [Fact]
    public void A_greeting_whose_session_was_lost_is_asked_of_the_next()
    {
        var lab = Started(o => o with { SpeaksFirst = true });
        lab.Run(1_000);
        lab.Lose(1);
        lab.Run(400);
        Assert.Contains("Greet", Assert.Single(lab.Model.Appends).Content, StringComparison.Ordinal);
        lab.Run(600);
        lab.Model.Say("Hello there.");
        lab.Run(2_000);
        lab.Lose(2);
        lab.Run(2_000);
        Assert.Equal(3, lab.Current);
        Assert.Empty(lab.Model.Appends);
        Clean(lab);
    }

    [Fact]
    public void A_model_that_says_nothing_to_what_it_was_told_is_not_told_again_for_ever()
    {
        var lab = Started(o => o with { SpeaksFirst = true });
        lab.Run(11_000);
        lab.Lose(1);
        lab.Run(400);
        Assert.Equal(2, lab.Current);
        Assert.Empty(lab.Model.Appends);
    }

    [Fact]
    public void Words_for_the_model_wait_while_there_is_no_session()
    {
        var lab = Started(o => o with { GoodbyeWords = "Our time is up." });
        lab.AutoOpen = false;
        lab.Lose(1);
        lab.Run(1_000);
        lab.Input(new TurnInput.BudgetSpent("cost_limit"));
        lab.Run(8_000);
        Next(lab, 2);
        var goodbye = Assert.Single(lab.Model.Appends);
        Assert.Equal((LiveAppend.Commentary, "Our time is up."), (goodbye.Kind, goodbye.Content));
        lab.Run(800);
        lab.Model.Say("Our time is up.");
        lab.Run(3_000);
        Assert.True(lab.IsEnded);
        Assert.Equal("Our time is up.", lab.Machine.Conversation.Items[0].Text);
        Clean(lab);
    }

    [Fact]
    public void Words_that_a_session_had_not_taken_wait_for_the_next_one_however_long_it_takes()
    {
        var lab = Started(isClients: true);
        lab.AutoOpen = false;
        lab.Input(new TurnInput.PageText("Which colour?"));
        lab.Run(400);
        lab.Lose(1);
        lab.Run(8_000);
        Next(lab, 2);
        Assert.Equal("The person typed: Which colour?", Assert.Single(lab.Model.Appends).Content);
        Clean(lab);
    }

    [Fact]
    public void Of_words_that_wait_for_a_session_the_latest_are_kept_and_the_history_has_all()
    {
        var lab = Started(isClients: true);
        lab.AutoOpen = false;
        for (var i = 1; i <= 50; i++)
        {
            lab.Input(new TurnInput.PageText($"word {i}"));
        }

        lab.Lose(1);
        lab.Run(200);
        Next(lab, 2);
        Assert.Equal(Enumerable.Range(19, 32).Select(i => $"The person typed: word {i}"), lab.Model.Appends.Select(a => a.Content));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"word {i}"), lab.Model.History.Select(i => i.Text));
        Clean(lab);
    }

    [Fact]
    public void A_call_that_is_resumed_from_its_log_tells_the_history_and_answers_what_was_asked_last()
    {
        var before = Started(o => o with { SpeaksFirst = true });
        before.Model.Say("Hello there.");
        before.Run(2_500);
        before.Model.Transcribe("What time is it?");
        before.Run(3_000);
        Assert.True(ConversationLog.TryParse(before.Machine.Conversation.ToJson(), out var log));

        var lab = new LiveLab(LiveLab.Options(false) with { SpeaksFirst = true }, log);
        lab.Input(new TurnInput.CallStarted());
        lab.Run(300);
        Assert.Equal(["Hello there.", "What time is it?"], lab.Model.History.Select(i => i.Text));
        Assert.Empty(lab.Model.Appends);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.EndsWith("Answer what they said last.", Assert.Single(lab.Told), StringComparison.Ordinal);
        lab.Run(1_000);
        lab.Model.Say("It is noon.");
        lab.Run(2_500);
        Assert.Equal("It is noon.", lab.Machine.Conversation.Items[^1].Text);
        Assert.Single(lab.Told);
        Clean(lab);
    }

    [Fact]
    public void A_session_that_expires_under_a_talk_that_never_pauses_is_left_in_time()
    {
        var lab = Lab();
        lab.Lifetime = TimeSpan.FromSeconds(20);
        lab.Start();
        lab.Lifetime = null;
        for (var i = 0; i < 100; i++)
        {
            lab.Model.Say("la");
            lab.Run(180);
        }

        Assert.Equal(2, lab.Current);
    }

    private static void Next(LiveLab lab, int session)
    {
        lab.Open(session);
        lab.Models[session].Start();
        lab.Run(100);
        Assert.Equal(session, lab.Current);
    }

    private static LiveLab Started(Func<TurnOptions, TurnOptions>? change = null, bool isClients = false)
    {
        var lab = Lab(change, isClients);
        lab.Start();
        return lab;
    }

    private static LiveLab Lab(Func<TurnOptions, TurnOptions>? change = null, bool isClients = false) =>
        new((change ?? (options => options))(LiveLab.Options(isClients)));

    private static void Clean(LiveLab lab)
    {
        Assert.Empty(lab.Refusals.Concat(lab.Models.Values.SelectMany(m => m.Refusals)));
        Assert.Empty(lab.Problems);
    }
}
