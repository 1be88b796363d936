using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>A call leaves one machine, and goes on in another that has its conversation already.</summary>
public class HostChangeTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { Instructions = "Be kind.", TranscriptionModel = "gpt-4o-mini-transcribe" }, SpeaksFirst = true,
    };

    [Fact]
    public void Between_two_turns_the_other_session_gets_what_it_lacks_and_nothing_is_said()
    {
        var old = new CallLab(Options);
        old.Start();
        old.Run(3000);
        var known = old.Machine.Conversation.Entries.ToList();
        var lab = Prepared(known);
        old.Input(new TurnInput.PageText("What is on the menu?"));
        old.Run(3000);
        var left = Leave(old);
        Assert.False(left.CutOff);
        GoOn(lab, old, known.Count, left);
        lab.Run(3000);
        Assert.Equal(old.Machine.Conversation.Items, lab.Machine.Conversation.Items);
        Assert.Equal(old.Machine.Conversation.Items.Select(i => i.Text), lab.Model.Items.Select(i => i.Text));
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());

        // And the next turn is taken there.
        lab.Input(new TurnInput.PageText("And to drink?"));
        lab.Run(3000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(5, lab.Machine.Conversation.Items.Count);
        Assert.Equal(5, lab.Machine.Conversation.Items.Select(i => i.Id).Distinct().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_sentence_is_cut_where_it_was_heard_and_gone_on_with()
    {
        var old = new CallLab(Options) { PageReports = true };
        var lab = Prepared([]);
        old.Start();
        old.Run(1000);
        Assert.Equal(CallState.Speaking, old.Machine.State);
        var left = Leave(old);
        Assert.True(left.CutOff);
        GoOn(lab, old, 0, left);
        var cut = Assert.Single(lab.Machine.Conversation.Items);
        Assert.True(cut is { Interrupted: true, Final: true, HeardMilliseconds: > 300 and < 1100 });
        lab.Generate();
        var response = Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Contains("Go on from exactly where it stopped", response.Settings!.Instructions, StringComparison.Ordinal);
        lab.Run(3000);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_question_whose_words_only_the_old_session_knows_is_heard_again_from_its_beginning()
    {
        var old = new CallLab(Options with { SpeaksFirst = false });
        old.Start();
        var speech = old.Model.SpeechStarts(100);
        old.Deliver();
        old.Run(1500, generate: false);
        old.Model.SpeechStops(speech, 1600);
        old.Deliver();
        Assert.True(old.Machine.HasUserTurn);
        var left = Leave(old);
        Assert.NotNull(left.ReplayInputFrom);
        Assert.True(old.Now - left.ReplayInputFrom >= TimeSpan.FromSeconds(1));
        Assert.Empty(old.Machine.Conversation.Items);
        var lab = Prepared([]);
        GoOn(lab, old, 0, left);
        lab.Say("How late is it?");
        lab.Run(3000);
        Assert.Equal(["How late is it?", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void What_was_typed_and_waits_for_the_model_is_in_the_log_and_is_answered_by_the_other()
    {
        var old = new CallLab(Options with { SpeaksFirst = false }) { AutoOpen = false };
        old.Start();
        old.Input(new TurnInput.PageText("Are you there?"));
        var left = Leave(old);
        var lab = Prepared([]);
        GoOn(lab, old, 0, left);
        lab.Run(3000);
        Assert.Equal(["Are you there?", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
    }

    [Fact]
    public void A_function_that_runs_goes_on_by_its_id()
    {
        var old = new CallLab(Options with { SpeaksFirst = false })
        {
            Plans = _ => new Plan { Calls = [("call_a", "go", """{"to":1}""")] },
        };
        old.Start();
        old.Input(new TurnInput.PageText("Go."));
        old.Run(500);
        Assert.Equal("call_a", Assert.Single(old.Tools).CallId);
        var left = Leave(old);
        Assert.Empty(old.CancelledTools);
        var lab = Prepared([]);
        GoOn(lab, old, 0, left);
        Assert.Equal("call_a", Assert.Single(lab.Tools).CallId);
        Assert.True(Assert.Single(lab.All.OfType<TurnCommand.InvokeTool>()).Again);
        lab.Input(new TurnInput.ToolCompleted("call_a", """{"ok":true}""", false));
        lab.Run(3000);
        Assert.Single(lab.Machine.Conversation.Items, i => i.Kind == ModelItemKind.FunctionOutput);
        Assert.Equal(ModelItemKind.AgentMessage, lab.Machine.Conversation.Items[^1].Kind);
    }

    [Fact]
    public void An_item_that_is_another_one_now_is_replaced_in_the_session_with_those_behind_it()
    {
        var known = new List<ConversationEntry>
        {
            Said("u1", "Hello."), Said("u2", "Coughs."), Said("u3", "Well?"),
        };
        var lab = Prepared(known);
        lab.Input(new TurnInput.CallContinued([new ConversationEntry.ItemRemoved(default, "u2", "a cough"), Said("u4", "Now?")], false));
        Assert.Equal(["Hello.", "Well?", "Now?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Equal(["Hello.", "Well?", "Now?"], lab.Model.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    private static ConversationEntry.ItemAdded Said(string id, string text) =>
        new(default, new ModelItem(id, ModelItemKind.UserMessage) { Text = text }, null);

    private static CallLab Prepared(IEnumerable<ConversationEntry> known)
    {
        var log = new ConversationLog();
        foreach (var entry in known)
        {
            log.Append(entry);
        }

        var lab = new CallLab(Options, log) { OtherSessions = 100 };
        lab.Input(new TurnInput.CallStarted());
        lab.Generate();
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        return lab;
    }

    private static TurnCommand.CallLeft Leave(CallLab lab)
    {
        lab.Input(new TurnInput.CallLeaves());
        return Assert.IsType<TurnCommand.CallLeft>(lab.All[^1]);
    }

    private static void GoOn(CallLab lab, CallLab old, int known, TurnCommand.CallLeft left)
    {
        lab.Input(new TurnInput.CallContinued([.. old.Machine.Conversation.Entries.Skip(known)], left.CutOff));
        lab.Input(new TurnInput.PageConnectionChanged(true));
    }
}
