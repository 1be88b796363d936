using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class OutcomeTests
{
    private static readonly ModelTool Outcome = new(
        "outcome", "Records what came of the call.", JsonElement.Parse("""{"type":"object","properties":{"total":{"type":"number"}}}"""));

    private static readonly TurnOptions Plain = new() { Session = new SessionSettings { Instructions = "Be kind." } };

    [Fact]
    public void The_outcome_follows_the_recap_and_is_asked_for_again_with_what_is_wrong()
    {
        var lab = Ending(recap: "Sum up.", new Plan { Calls = [("c1", "outcome", """{"total":"four"}""")] });
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Generate();
        Assert.Equal("## Recap", Assert.Single(lab.All.OfType<TurnCommand.ShowRecap>()).Markdown);
        Assert.Equal("""{"total":"four"}""", Assert.Single(lab.All.OfType<TurnCommand.CheckOutcome>()).Json);
        lab.Input(new TurnInput.OutcomeChecked("/total must be a number, not a string."));
        lab.Generate();
        var asked = lab.Sent<ModelCommand.CreateResponse>().Where(c => c.Settings?.MustCall is not null).ToArray();
        Assert.Equal(2, asked.Length);
        Assert.All(asked, c => Assert.True(c.Settings is { OutOfBand: true, TextOnly: true, AllowTools: true, MustCall.Name: "outcome" }));
        Assert.DoesNotContain("did not fit", asked[0].Settings!.Instructions, StringComparison.Ordinal);
        Assert.Contains("""{"total":"four"}""", asked[1].Settings!.Instructions, StringComparison.Ordinal);
        Assert.EndsWith("/total must be a number, not a string.", asked[1].Settings!.Instructions, StringComparison.Ordinal);
        Assert.NotEqual(CallState.Ended, lab.Machine.State);
        lab.Input(new TurnInput.OutcomeChecked(""));
        Assert.IsType<TurnCommand.EndCall>(lab.All[^1]);
        Assert.DoesNotContain("outcome_missing", lab.Problems);
        Assert.Equal(2, lab.Machine.Conversation.Items.Count);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void An_outcome_that_never_fits_is_asked_for_twice_and_missing_then()
    {
        var lab = Ending(recap: null, new Plan { Text = "I would rather not." });
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Generate();
        lab.Input(new TurnInput.OutcomeChecked("It is not JSON."));
        lab.Generate();
        Assert.Equal(2, lab.All.OfType<TurnCommand.CheckOutcome>().Count());
        lab.Input(new TurnInput.OutcomeChecked("It is not JSON."));
        Assert.IsType<TurnCommand.EndCall>(lab.All[^1]);
        Assert.Single(lab.Problems, "outcome_missing");
        Assert.Empty(lab.All.OfType<TurnCommand.ShowRecap>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_outcome_that_does_not_come_does_not_hold_the_call(bool hangs)
    {
        var lab = Ending(recap: null, hangs ? new Plan { Hangs = true } : new Plan { Thinks = true });
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(13_900);
        Assert.NotEqual(CallState.Ended, lab.Machine.State);
        lab.Run(200);
        Assert.Equal(CallState.Ended, lab.Machine.State);
        Assert.Single(lab.Problems, "outcome_missing");
    }

    [Fact]
    public void A_host_that_does_not_check_the_outcome_does_not_hold_the_call()
    {
        var lab = Ending(recap: null, new Plan { Calls = [("c1", "outcome", "{}")] });
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        lab.Run(14_100);
        Assert.Equal(CallState.Ended, lab.Machine.State);
    }

    [Theory]
    [InlineData("Sum up.")]
    [InlineData(null)]
    public void A_service_that_answers_neither_outside_nor_inside_the_conversation_ends_the_call_at_once(string? recap)
    {
        var lab = Ending(recap, new Plan { Hangs = true });
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        for (var i = 0; i < 4 && lab.Machine.State != CallState.Ended; i++)
        {
            var asked = lab.Sent<ModelCommand.CreateResponse>().Last();
            var refusal = new ModelEvent.Error("invalid_request_error", "invalid_value", "Unknown.", "response.conversation", asked.Id);
            lab.Input(new TurnInput.ModelEventReceived(lab.Current, refusal));
        }

        Assert.Equal(CallState.Ended, lab.Machine.State);
        Assert.Single(lab.Problems, "outcome_missing");
    }

    [Fact]
    public void A_call_in_which_nothing_was_said_has_no_outcome()
    {
        var lab = new CallLab(Plain with { Outcome = Outcome });
        lab.Start();
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        Assert.Equal(CallState.Ended, lab.Machine.State);
        Assert.Empty(lab.Problems);
    }

    [Fact]
    public void An_outcome_is_paid_before_it_is_asked_for()
    {
        var lab = Ending(recap: null, new Plan { Calls = [("c1", "outcome", "{}")] }, budgeted: true);
        lab.Input(new TurnInput.HangUpRequested("hangup"));
        var reserved = lab.All.OfType<TurnCommand.ReserveBudget>().Last();
        Assert.StartsWith("outcome", reserved.Tag, StringComparison.Ordinal);
        Assert.True(reserved.Bound.Input.InputText > Outcome.Parameters.GetRawText().Length);
        lab.Input(new TurnInput.BudgetGranted(reserved.Tag, 77));
        Assert.Equal(77, lab.Sent<ModelCommand.CreateResponse>().Last().Settings!.MaxOutputTokens);
        lab.Generate();
        Assert.Equal(reserved.Tag, lab.All.OfType<TurnCommand.SettleBudget>().Last().Tag);
    }

    // A call in which something was said and answered. The model answers out of band: a recap, and the outcome as planned.
    private static CallLab Ending(string? recap, Plan outcome, bool budgeted = false)
    {
        var lab = new CallLab(Plain with { RecapInstructions = recap, Outcome = Outcome })
        {
            Plans = c => c.Settings?.MustCall is not null ? outcome
                : c.Settings?.OutOfBand == true ? new Plan { Text = "## Recap" }
                : new Plan { Text = "One two three.", AudioMs = 500 },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Hi"));
        lab.Generate();
        lab.Run(2000);
        if (budgeted)
        {
            lab.Input(new TurnInput.RoleChanged(Plain with { Outcome = Outcome, IsBudgeted = true }));
            lab.Generate();
        }

        return lab;
    }
}
