using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>A machine that is given the log of a call whose host crashed.</summary>
public class ResumedCallTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { Instructions = "Be kind.", Voice = "marin" },
        SpeaksFirst = true,
        Tools = new Dictionary<string, ToolPolicy> { ["stay_silent"] = new(AnswersTurn: false) },
    };

    [Fact]
    public void A_question_without_an_answer_is_answered_once_and_no_greeting_is_spoken()
    {
        var lab = Resume(User("u1", "What time is it?"));
        lab.Start();
        lab.Run(4000);
        Assert.Equal(["What time is it?", "Hello there, how can I help you today?"], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_conversation_that_ends_with_the_agents_words_waits_for_the_person()
    {
        var lab = Resume(User("u1", "Hello."), Agent("g1", "Hello to you."));
        lab.Start();
        lab.Run(4000);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(["Hello.", "Hello to you."], lab.Model.Items.Select(i => i.Text));
        lab.Say("And now?");
        lab.Run(3000);
        Assert.Equal(4, lab.Machine.Conversation.Items.Count);
    }

    [Fact]
    public void A_function_without_an_output_runs_again_under_its_id_once_the_page_is_there()
    {
        var lab = Resume(User("u1", "Go."), Call("f1", "call_a", "go"));
        lab.Input(new TurnInput.CallStarted());
        Assert.Empty(lab.Tools);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(("call_a", "go", """{"to":1}"""), Assert.Single(lab.Tools));
        Assert.True(Assert.Single(lab.All.OfType<TurnCommand.InvokeTool>()).Again);
        lab.Run(500);
        Assert.Empty(lab.Sent<ModelCommand.CreateResponse>());
        lab.Input(new TurnInput.ToolCompleted("call_a", """{"ok":true}""", false));
        lab.Run(3000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(ModelItemKind.FunctionOutput, lab.Machine.Conversation.Items[2].Kind);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_function_in_the_background_is_asked_for_again_and_its_result_is_told()
    {
        var lab = Resume(
            User("u1", "Go."), Call("f1", "call_a", "go"), Output("o1", "call_a", FunctionCalls.DetachedOutput),
            Agent("g1", "It goes on."));
        lab.Start();
        Assert.Equal("call_a", Assert.Single(lab.Tools).CallId);
        Assert.True(Assert.Single(lab.All.OfType<TurnCommand.InvokeTool>()).Again);
        lab.Input(new TurnInput.ToolCompleted("call_a", """{"ok":true}""", false));
        lab.Run(3000);
        var note = lab.Machine.Conversation.Items[^1].Kind == ModelItemKind.AgentMessage
            ? lab.Machine.Conversation.Items[^2] : lab.Machine.Conversation.Items[^1];
        Assert.Equal("""The function go (call call_a) that ran in the background has ended: {"ok":true}""", note.Text);
        Assert.Single(lab.Machine.Conversation.Items, item => item.Kind == ModelItemKind.FunctionOutput);
        Assert.Empty(lab.Refusals);

        var told = Resume(
            User("u1", "Go."), Call("f1", "call_a", "go"), Output("o1", "call_a", FunctionCalls.DetachedOutput),
            new ConversationEntry.ItemAdded(default, new ModelItem(note.Id, note.Kind) { Text = note.Text }, null));
        told.Start();
        Assert.Empty(told.Tools);
    }

    [Fact]
    public void A_page_that_leaves_and_comes_back_is_not_asked_a_third_time()
    {
        var lab = Resume(User("u1", "Go."), Call("f1", "call_a", "go"));
        lab.Start();
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Single(lab.Tools);
    }

    [Fact]
    public void Ids_that_the_model_gave_twice_lead_to_the_same_runs_as_before()
    {
        var lab = Resume(User("u1", "Go."), Call("f1", "call_0", "go"), Output("o1", "call_0"), Call("f2", "call_0", "go"));
        lab.Start();
        Assert.Equal("call_0~1", Assert.Single(lab.Tools).CallId);
    }

    [Fact]
    public void An_output_without_an_answer_is_answered_and_a_function_that_asks_for_none_is_not()
    {
        var answered = Resume(User("u1", "Go."), Agent("g1", "One moment."), Call("f1", "call_a", "go"), Output("o1", "call_a"));
        answered.Start();
        answered.Run(1000);
        Assert.Single(answered.Sent<ModelCommand.CreateResponse>());

        var silent = Resume(User("u1", "Mm."), Call("f1", "call_a", "stay_silent"), Output("o1", "call_a"));
        silent.Start();
        silent.Run(4000);
        Assert.Empty(silent.Sent<ModelCommand.CreateResponse>());
    }

    [Fact]
    public void The_log_goes_on_from_the_time_of_the_call()
    {
        var log = new ConversationLog();
        log.Append(User("u1", "Hello."));
        var lab = new CallLab(Options, log, TimeSpan.FromMinutes(5));
        lab.Start();
        lab.Run(1000);
        Assert.InRange(
            log.Entries.OfType<ConversationEntry.SessionAdopted>().Single().At, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(301));
    }

    private static CallLab Resume(params ConversationEntry[] entries)
    {
        var log = new ConversationLog();
        foreach (var entry in entries)
        {
            log.Append(entry);
        }

        return new CallLab(Options, log);
    }

    private static ConversationEntry.ItemAdded User(string id, string text) =>
        new(default, new ModelItem(id, ModelItemKind.UserMessage) { Text = text }, null);

    private static ConversationEntry.ItemAdded Agent(string id, string text) =>
        new(default, new ModelItem(id, ModelItemKind.AgentMessage) { Text = text, IsAudio = true }, null);

    private static ConversationEntry.ItemAdded Call(string id, string callId, string name) =>
        new(default, new ModelItem(id, ModelItemKind.FunctionCall) { CallId = callId, Name = name, Arguments = """{"to":1}""" }, null);

    private static ConversationEntry.ItemAdded Output(string id, string callId, string output = "{}") =>
        new(default, new ModelItem(id, ModelItemKind.FunctionOutput) { CallId = callId, Output = output }, null);
}
