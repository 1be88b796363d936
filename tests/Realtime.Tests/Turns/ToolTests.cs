using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class ToolTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { TranscriptionModel = "gpt-4o-mini-transcribe" },
        Tools = new Dictionary<string, ToolPolicy>
        {
            ["cancels"] = new(new EarlyAnswer(GoesOn: false)),
            ["detaches"] = new(new EarlyAnswer(GoesOn: true)),
            ["tells"] = new(ProgressToModel: true),
            ["stay_silent"] = new(AnswersTurn: false),
        },
    };

    private static CallLab Calling(params string[] names)
    {
        var round = 0;
        var lab = new CallLab(Options);
        lab.Plans = _ => ++round == 1
            ? new Plan { Calls = [.. names.Select((n, i) => ($"call_{i}", n, "{\"n\":1}"))] }
            : new Plan { Text = "Here it is.", AudioMs = 1000 };
        lab.Start();
        lab.Input(new TurnInput.PageText("Show me."));
        lab.Generate();
        return lab;
    }

    [Fact]
    public void A_call_runs_at_once_and_its_output_asks_for_the_answer()
    {
        var lab = Calling("show");
        Assert.Equal(("call_0", "show", "{\"n\":1}"), Assert.Single(lab.Tools));
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        lab.Input(new TurnInput.ToolCompleted("call_0", "{\"ok\":true}", false));
        lab.Generate();
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.Equal("{\"ok\":true}", lab.Model.Items.Single(i => i.Kind == ModelItemKind.FunctionOutput).Output);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_call_id_that_the_model_used_before_is_a_call_of_its_own()
    {
        var lab = new CallLab(Options);
        var rounds = 0;
        lab.Plans = _ => rounds++ % 2 == 0 ? new Plan { Calls = [("call_0", "show", "{}")] } : new Plan { Text = "Here.", AudioMs = 400 };
        lab.Start();
        foreach (var (output, i) in new[] { "1", "2", "3" }.Select((o, i) => (o, i)))
        {
            lab.Input(new TurnInput.PageText("Show me."));
            lab.Generate();
            Assert.Equal(i + 1, lab.Tools.Count);
            lab.Input(new TurnInput.ToolCompleted(lab.Tools[i].CallId, output, false));
            lab.Run(1500);
            Assert.Equal(CallState.Listening, lab.Machine.State);
        }

        Assert.Equal(3, lab.Tools.Select(t => t.CallId).Distinct().Count());
        var outputs = lab.Model.Items.Where(i => i.Kind == ModelItemKind.FunctionOutput).ToList();
        Assert.Equal(["1", "2", "3"], outputs.Select(o => o.Output));
        Assert.All(outputs, o => Assert.Equal("call_0", o.CallId));
        Assert.Single(lab.Problems, "call_id_repeated");
    }

    [Fact]
    public void An_output_that_is_quicker_than_the_response_waits_for_its_end()
    {
        var lab = new CallLab(Options) { Plans = c => new Plan { Calls = [("a", "show", "{}")] } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Show me."));
        for (var i = 0; i < 3; i++)
        {
            lab.Model.Step();
            lab.Deliver();
        }

        lab.Input(new TurnInput.ToolCompleted("a", "1", false));
        Assert.DoesNotContain(lab.Sent<ModelCommand.CreateItem>(), c => c.Item.Kind == ModelItemKind.FunctionOutput);
        lab.Plans = _ => new Plan { Text = "Done.", AudioMs = 500 };
        lab.Generate();
        Assert.Contains(lab.Sent<ModelCommand.CreateItem>(), c => c.Item.Kind == ModelItemKind.FunctionOutput);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Parallel_calls_are_answered_together()
    {
        var lab = Calling("one", "two", "three");
        Assert.Equal(3, lab.Tools.Count);
        lab.Input(new TurnInput.ToolCompleted("call_2", "3", false));
        lab.Input(new TurnInput.ToolCompleted("call_0", "1", false));
        lab.Generate();
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        lab.Input(new TurnInput.ToolCompleted("call_1", "2", true));
        lab.Generate();
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(
            ["1", "2", "3"], lab.Machine.Conversation.Items.Where(i => i.Kind == ModelItemKind.FunctionOutput).Select(i => i.Output));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Images_of_a_result_follow_the_outputs_of_its_round_as_messages()
    {
        var lab = Calling("chart", "two");
        lab.Input(
            new TurnInput.ToolCompleted("call_0", "1", false) { Images = ["data:image/png;base64,AA==", "data:image/jpeg;base64,BB=="] });
        lab.Input(new TurnInput.ToolCompleted("call_1", "2", false));
        lab.Generate();
        var items = lab.Model.Items.SkipWhile(i => i.Kind != ModelItemKind.FunctionOutput).ToList();
        Assert.Equal(
            [(ModelItemKind.FunctionOutput, null), (ModelItemKind.FunctionOutput, null),
                (ModelItemKind.UserMessage, "data:image/png;base64,AA=="), (ModelItemKind.UserMessage, "data:image/jpeg;base64,BB==")],
            items.Take(4).Select(i => (i.Kind, i.ImageUrl)));
        Assert.All(items[2..4], i => Assert.Equal("Image from the function chart.", i.Text));

        // They are no words of the person, and are shown once.
        Assert.DoesNotContain(lab.Lines.Values, l => l.Text.StartsWith("Image", StringComparison.Ordinal));
        lab.Run(1500);
        Assert.Equal(2, lab.Model.Items.Count(i => i.ImageUrl is not null));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Images_of_a_function_that_ran_in_the_background_come_with_its_result()
    {
        var lab = Calling("detaches");
        lab.Input(new TurnInput.PageText("Never mind."));
        lab.Run(1500);
        lab.Input(new TurnInput.ToolCompleted("call_0", "1", false) { Images = ["data:image/png;base64,AA=="] });
        lab.Run(1500);
        Assert.Equal("data:image/png;base64,AA==", Assert.Single(lab.Model.Items, i => i.ImageUrl is not null).ImageUrl);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_result_that_comes_twice_counts_once()
    {
        var lab = Calling("show");
        lab.Input(new TurnInput.ToolCompleted("call_0", "1", false));
        lab.Input(new TurnInput.ToolCompleted("call_0", "2", false));
        lab.Input(new TurnInput.ToolCompleted("never_called", "3", false));
        lab.Generate();
        Assert.Equal("1", Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.FunctionOutput).Output);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_person_is_answered_while_a_kept_tool_runs_on()
    {
        var lab = Calling("show");
        lab.Say("Still there?");
        lab.Run(1500);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.CancelledTools);
        lab.Input(new TurnInput.ToolCompleted("call_0", "late", false));
        lab.Run(3000);
        Assert.Equal(3, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Theory]
    [InlineData("cancels", "interrupted")]
    [InlineData("detaches", "background")]
    public void Interruption_treats_a_running_tool_by_its_policy(string tool, string output)
    {
        var lab = Calling(tool);
        lab.Input(new TurnInput.PageText("Never mind."));
        lab.Generate();
        Assert.Contains(output, lab.Model.Items.Single(i => i.Kind == ModelItemKind.FunctionOutput).Output);
        Assert.Equal(tool == "cancels" ? ["call_0"] : [], lab.CancelledTools);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        lab.Run(2000);
        lab.Input(new TurnInput.ToolCompleted("call_0", "\"found\"", false));
        lab.Run(2000);
        Assert.Equal(
            tool == "detaches",
            lab.Model.Items.Any(i => i.Kind == ModelItemKind.SystemMessage && i.Text.Contains("found", StringComparison.Ordinal)));
        Assert.Equal(tool == "detaches" ? 3 : 2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_person_cancels_a_tool_and_the_model_answers()
    {
        var lab = Calling("show");
        lab.Input(new TurnInput.PageToolCancelled("call_0"));
        lab.Input(new TurnInput.PageToolCancelled("call_0"));
        lab.Input(new TurnInput.ToolCompleted("call_0", "\"late\"", false));
        lab.Input(new TurnInput.PageToolCancelled("call_nobody_made"));
        lab.Run(2000);
        Assert.Equal(["call_0"], lab.CancelledTools);
        Assert.Contains("the person cancelled it", lab.Model.Items.Single(i => i.Kind == ModelItemKind.FunctionOutput).Output);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void The_person_cancels_a_tool_that_runs_in_the_background_and_the_model_is_only_told()
    {
        var lab = Calling("detaches");
        lab.Input(new TurnInput.PageText("Never mind."));
        lab.Run(2000);
        lab.Input(new TurnInput.PageToolCancelled("call_0"));
        lab.Input(new TurnInput.PageToolCancelled("call_0"));
        lab.Input(new TurnInput.ToolCompleted("call_0", "\"late\"", false));
        lab.Run(2000);
        Assert.Equal(["call_0"], lab.CancelledTools);
        Assert.Contains("was cancelled by the person", Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.SystemMessage).Text);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Staying_silent_asks_for_no_answer()
    {
        var lab = Calling("stay_silent");
        lab.Input(new TurnInput.ToolCompleted("call_0", "{}", false));
        lab.Run(1000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.FunctionOutput);
        Assert.Equal(CallState.Listening, lab.Machine.State);
    }

    [Fact]
    public void Progress_is_told_to_the_model_when_the_role_asks_but_not_in_a_flood()
    {
        var lab = Calling("tells");
        for (var i = 0; i < 20; i++)
        {
            lab.Input(new TurnInput.ToolProgress("call_0", $"page {i}"));
            lab.Run(200);
        }

        lab.Run(2000);
        Assert.Single(lab.Model.Items, i => i.Kind == ModelItemKind.SystemMessage);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(20, lab.Machine.Conversation.Entries.OfType<ConversationEntry.ToolProgressed>().Count());
        lab.Input(new TurnInput.ToolCompleted("call_0", "{}", false));
        lab.Run(2000);
        Assert.Equal(3, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_model_that_loops_on_tools_is_told_to_stop()
    {
        var calls = 0;
        var lab = new CallLab(Options with { MaxToolSteps = 3 })
        {
            Plans = _ => new Plan { Text = "Fine.", AudioMs = 500, Calls = [($"call_{++calls}", "again", "{}")] },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Go."));
        for (var i = 1; i <= 10; i++)
        {
            lab.Generate();
            lab.Input(new TurnInput.ToolCompleted($"call_{i}", "{}", false));
        }

        lab.Run(3000);
        Assert.Equal(3, lab.Tools.Count);
        Assert.Equal([true, true, true, false], lab.Sent<ModelCommand.CreateResponse>().Select(c => c.Settings!.AllowTools));
        Assert.Contains("tool_steps_exceeded", lab.Problems);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        lab.Input(new TurnInput.PageText("Again."));
        Assert.True(lab.Sent<ModelCommand.CreateResponse>().Last().Settings!.AllowTools);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_call_made_while_the_person_begins_to_speak_waits_for_the_verdict()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Calls = [("a", "show", "{}")] } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Show me."));
        lab.Model.Step();
        lab.Deliver();
        var id = lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Generate();
        Assert.Empty(lab.Tools);
        lab.Run(600, generate: false);
        lab.Model.SpeechStops(id, 1000);
        lab.Model.Transcribe(id, "");
        lab.Deliver();
        Assert.Single(lab.Tools);
        lab.Plans = _ => new Plan { Text = "Yes.", AudioMs = 500 };
        lab.Input(new TurnInput.ToolCompleted("a", "1", false));
        lab.Run(2000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void Hanging_up_leaves_no_call_without_an_output()
    {
        var lab = Calling("show", "other");
        lab.Input(new TurnInput.ToolCompleted("call_1", "1", false));
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        Assert.Equal(CallState.Ended, lab.Machine.State);
        Assert.Equal(["call_0"], lab.CancelledTools);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count(i => i.Kind == ModelItemKind.FunctionOutput));
    }
}
