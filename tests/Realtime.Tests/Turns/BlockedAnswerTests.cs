using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>An answer that the role's guard keeps from being heard.</summary>
public class BlockedAnswerTests
{
    private const string Line = "I can't talk about that.";

    private static CallLab Asked(int audioMs = 4000)
    {
        var lab = new CallLab(new TurnOptions { Session = new SessionSettings { Instructions = "Be brief." } })
        {
            PageReports = true,
            Plans = command => command.Settings?.Instructions?.Contains(Line, StringComparison.Ordinal) == true
                ? new Plan { Text = Line, AudioMs = 1000 }
                : new Plan { Text = "First this, and then the secret.", AudioMs = audioMs },
        };
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me."));
        return lab;
    }

    [Fact]
    public void What_was_not_heard_yet_is_cut_off_and_the_roles_line_is_said_in_its_place()
    {
        var lab = Asked();
        for (var i = 0; i < 6; i++)
        {
            lab.Model.Step();
            lab.Deliver();
        }

        lab.Run(500, generate: false);
        var response = lab.Model.ActiveId!;
        lab.Input(new TurnInput.AnswerBlocked(lab.Current, response, Line));
        Assert.False(lab.Audible);
        Assert.Contains(lab.Sent<ModelCommand.CancelResponse>(), cancel => cancel.ResponseId == response);
        lab.Run(4000);
        var line = Assert.Single(
            lab.Sent<ModelCommand.CreateResponse>(),
            create => create.Settings?.Instructions is { } own && own.EndsWith($"\"{Line}\"", StringComparison.Ordinal));
        Assert.StartsWith("Be brief.\n\n", line.Settings!.Instructions, StringComparison.Ordinal);
        Assert.False(line.Settings!.AllowTools);
        Assert.Equal(Line, lab.Machine.Conversation.Items[^1].Text);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_line_that_is_blocked_too_is_not_replaced_by_itself()
    {
        var lab = Asked();
        lab.Model.Step();
        lab.Deliver();
        lab.Input(new TurnInput.AnswerBlocked(lab.Current, lab.Model.ActiveId!, Line));
        lab.Run(100, generate: false);
        lab.Deliver();
        lab.Input(new TurnInput.AnswerBlocked(lab.Current, lab.Model.ActiveId!, Line));
        lab.Run(4000);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Theory]
    [InlineData("resp_of_nobody", true)]
    [InlineData(null, false)]
    public void A_response_that_is_not_heard_now_is_not_replaced(string? response, bool current)
    {
        var lab = Asked();
        lab.Model.Step();
        lab.Deliver();
        lab.Input(new TurnInput.AnswerBlocked(current ? lab.Current : lab.Current + 7, response ?? lab.Model.ActiveId!, Line));
        lab.Run(6000);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Empty(lab.Sent<ModelCommand.CancelResponse>());
    }

    [Fact]
    public void The_persons_next_words_go_before_the_line()
    {
        var lab = Asked();
        lab.Model.Step();
        lab.Deliver();
        lab.Input(new TurnInput.AnswerBlocked(lab.Current, lab.Model.ActiveId!, Line));
        lab.Input(new TurnInput.PageText("Then tell me of the weather."));
        lab.Run(6000);
        Assert.DoesNotContain(
            lab.Sent<ModelCommand.CreateResponse>(),
            create => create.Settings?.Instructions?.Contains(Line, StringComparison.Ordinal) == true);
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
    }
}
