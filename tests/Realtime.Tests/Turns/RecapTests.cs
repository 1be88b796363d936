using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The recap tells what was said: of an answer that was cut off, the words that were heard.</summary>
public class RecapTests
{
    private const string Long = "The soup takes twenty minutes. First you cut the onions, then you warm the oil, and then you wait.";

    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { TranscriptionModel = "gpt-4o-mini-transcribe" },
        RecapInstructions = "Sum up.",
    };

    private static CallLab Interrupted()
    {
        var lab = new CallLab(Options)
        {
            PageReports = true,
            Plans = c => c.Settings?.OutOfBand == true
                ? new Plan { Text = "## Recap" }
                : new Plan { Text = Long, AudioMs = 8000 },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me about the soup."));
        lab.Generate();
        lab.Run(2000);
        return lab;
    }

    [Fact]
    public void The_words_that_were_heard_stand_in_the_place_of_an_answer_that_was_cut_off()
    {
        var lab = Interrupted();
        lab.Input(new TurnInput.PageText("And the bread?"));
        lab.Run(12_000);
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(100);

        var items = lab.Machine.Conversation.Items;
        var input = Assert.Single(lab.Sent<ModelCommand.CreateResponse>(), c => c.Settings!.OutOfBand).Settings!.Input!;
        Assert.Equal(
            [
                (ModelItemKind.Reference, items[0].Id, ""),
                (ModelItemKind.AgentMessage, input[1].Id, "The soup takes twenty"),
                (ModelItemKind.Reference, items[2].Id, ""),
                (ModelItemKind.Reference, items[3].Id, ""),
            ],
            input.Select(i => (i.Kind, i.Id, i.Text)));
        Assert.DoesNotContain(items, i => i.Id == input[1].Id);
        Assert.Equal("## Recap", Assert.Single(lab.All.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.Empty(lab.Graveyard);
    }

    [Fact]
    public void An_answer_of_which_no_word_was_heard_is_not_in_it_and_a_whole_conversation_needs_no_input()
    {
        var lab = Interrupted();
        lab.Run(10_000);
        lab.Input(new TurnInput.PageText("And the bread?"));
        lab.Generate();
        lab.Run(80);
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(100);

        Assert.Null(Assert.Single(lab.Sent<ModelCommand.CreateResponse>(), c => c.Settings!.OutOfBand).Settings!.Input);
        Assert.Empty(lab.Graveyard);
    }

    [Fact]
    public void A_server_that_refuses_references_is_asked_again_for_what_it_remembers()
    {
        var lab = Interrupted();
        lab.Model.TakesReferences = false;
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(100);

        Assert.Equal(
            [true, false],
            lab.Sent<ModelCommand.CreateResponse>().Where(c => c.Settings!.OutOfBand).Select(c => c.Settings!.Input is not null));
        Assert.Equal("## Recap", Assert.Single(lab.All.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.Equal(CallState.Ended, lab.Machine.State);
    }

    [Fact]
    public void The_rehearsal_model_lists_the_heard_words_of_an_answer_that_the_hang_up_cut_off()
    {
        var script = new RehearsalScript { Hears = ["a question"], Otherwise = Long };
        var call = new RehearsalCall(Options, script, TimeSpan.FromMinutes(60), TimeSpan.FromHours(1));
        call.Run(500);
        call.Type("How long does it take?");
        call.Run(2500);
        call.Input(new TurnInput.HangUpRequested("hangup"));
        call.Run(2000);

        var answer = call.Machine.Conversation.Items[^1];
        Assert.True(answer is { Interrupted: true, Text.Length: > 10, UnheardText.Length: > 10 }, answer.ToString());
        Assert.Equal(
            $"- Caller: How long does it take?\n- Agent: {answer.Text}",
            Assert.Single(call.Seen.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.Empty(call.Errors);
    }
}
