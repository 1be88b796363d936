using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>Work that a full-duplex model hands to the operator's text model, in virtual time.</summary>
public sealed class LiveWorkTests
{
    private static readonly ModelUsage Usage = new(50, 0, 0, 0, 0, 0, 9, 0);

    [Fact]
    public void A_function_runs_once_and_its_result_is_told_as_commentary()
    {
        var lab = Delegated();
        Answer(lab, Call("c1"));
        var run = Assert.Single(lab.Tools);
        Assert.Equal("add_timer", run.Name);
        lab.Input(new TurnInput.ToolCompleted(run.CallId, """{"set":true}""", false));
        lab.Run(100);
        var input = lab.Model.Asked[1].Settings!.Input!;
        Assert.Equal("""{"set":true}""", Assert.Single(input, item => item.Kind == ModelItemKind.FunctionOutput).Output);
        Answer(lab, Text("The timer is set."));
        Assert.Single(lab.Tools);
        Assert.Equal((LiveAppend.Commentary, "The timer is set.", "d1"), Last(lab));
        Assert.Empty(lab.Problems);
        Clean(lab);
    }

    [Fact]
    public void Equal_ids_in_two_answers_are_two_calls()
    {
        // Some servers count their calls from zero in each answer.
        var lab = Delegated();
        Answer(lab, Call("call_0"));
        lab.Input(new TurnInput.ToolCompleted(lab.Tools[0].CallId, "{}", false));
        lab.Run(100);
        Answer(lab, Call("call_0"));
        Assert.Equal(2, lab.Tools.Select(tool => tool.CallId).Distinct().Count());
        Clean(lab);
    }

    [Fact]
    public void Progress_of_the_text_model_is_silent_and_not_told_more_often_than_every_five_seconds()
    {
        var lab = Delegated();
        var tag = lab.Model.Asked[0].Settings!.Tag!;
        Progress(lab, tag, "Looking for the recipe.");
        Assert.Equal((LiveAppend.Thinking, "Still at work: Looking for the recipe.", "d1"), Last(lab));
        var told = lab.Model.Appends.Count;
        Progress(lab, tag, "Still looking.");
        Assert.Equal(told, lab.Model.Appends.Count);
        lab.Run(5_000);
        Progress(lab, tag, "Comparing two of them.");
        Assert.Equal((LiveAppend.Thinking, "Still at work: Comparing two of them.", "d1"), Last(lab));
        told = lab.Model.Appends.Count;
        lab.Run(5_000);
        Progress(lab, "delegation99", "Of what nobody asked.");
        Assert.Equal(told, lab.Model.Appends.Count);
        Clean(lab);
    }

    [Fact]
    public void Functions_of_which_nothing_is_to_be_said_end_the_work_without_an_apology()
    {
        var lab = Delegated();
        Answer(lab, Call("c1"));
        lab.Input(new TurnInput.ToolCompleted(lab.Tools[0].CallId, "{}", false));
        lab.Run(100);
        Answer(lab);
        Assert.Equal((LiveAppend.Thinking, "It is done.", "d1"), Last(lab));
        Assert.Empty(lab.Problems);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Clean(lab);
    }

    [Theory]
    [InlineData("failed", "the text model's server answered 500")]
    [InlineData("completed", null)]
    public void Work_that_fails_is_told_to_the_person_and_reported_with_its_reason(string status, string? reason)
    {
        var lab = Delegated();
        var tag = Take(lab);
        lab.Model.Events.Enqueue(new ModelEvent.ResponseDone(tag, status, reason, [], default, tag));
        lab.Deliver();
        Assert.Contains("could not be done", Last(lab).Content, StringComparison.Ordinal);
        var problem = Assert.Single(lab.All.OfType<TurnCommand.ReportProblem>());
        Assert.Equal(("delegation_failed", reason ?? "the text model gave no answer"), (problem.Code, problem.Message));
        Clean(lab);
    }

    private static LiveLab Delegated()
    {
        var lab = new LiveLab(LiveLab.Options(true));
        lab.Start();
        lab.Model.Transcribe("Set a timer.");
        lab.Model.Delegate("d1");
        lab.Deliver();
        lab.Run(600);
        Assert.Single(lab.Model.Asked);
        return lab;
    }

    // The tag of what was asked last.
    private static string Take(LiveLab lab) => lab.Model.Asked[^1].Settings!.Tag!;

    private static void Answer(LiveLab lab, params ModelItem[] output)
    {
        var tag = Take(lab);
        lab.Model.Events.Enqueue(new ModelEvent.ResponseDone(tag, "completed", null, output, Usage, tag));
        lab.Deliver();
    }

    private static void Progress(LiveLab lab, string tag, string text)
    {
        lab.Model.Events.Enqueue(new LiveEvent.WorkProgressed(tag, text));
        lab.Deliver();
    }

    private static ModelItem Call(string id) =>
        new(id, ModelItemKind.FunctionCall) { CallId = id, Name = "add_timer", Arguments = "{}" };

    private static ModelItem Text(string text) => new("text", ModelItemKind.AgentMessage) { Text = text };

    private static (LiveAppend Kind, string Content, string? Delegation) Last(LiveLab lab) =>
        (lab.Model.Appends[^1].Kind, lab.Model.Appends[^1].Content, lab.Model.Appends[^1].DelegationId);

    private static void Clean(LiveLab lab)
    {
        Assert.Empty(lab.Refusals);
        Assert.Empty(lab.Model.Refusals);
    }
}
