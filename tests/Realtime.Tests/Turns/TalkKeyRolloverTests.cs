using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The talk key, while the model's session dies under it or there is none.</summary>
public class TalkKeyRolloverTests
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings
        {
            Instructions = "Be kind.",
            Voice = "marin",
            TranscriptionModel = "gpt-4o-mini-transcribe",
            TurnDetection = null,
        },
    };

    [Fact]
    public void A_pressed_talk_key_survives_its_session()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PushToTalk(true));
        lab.Run(1000);
        lab.Input(new TurnInput.PushToTalk(false));
        lab.Deliver();
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        var after = lab.All.SkipWhile(c => c is not TurnCommand.AdoptSession { Session: 2 }).ToArray();
        Assert.InRange((lab.Now - ((TurnCommand.AdoptSession)after[0]).ReplayInputFrom!.Value).TotalMilliseconds, 900, 1100);
        Assert.Contains(after, c => c is TurnCommand.SendToModel { Session: 2, Command: ModelCommand.CommitInput });
        lab.Generate();
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
    }

    [Fact]
    public void A_talk_key_pressed_while_there_is_no_session_is_heard_from_its_start()
    {
        var lab = Pressed();
        lab.Input(new TurnInput.PushToTalk(true));
        lab.Run(1000);
        lab.Open(2);
        Assert.Equal(lab.Now - TimeSpan.FromSeconds(1), lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom);
        Assert.Empty(lab.Sent<ModelCommand.CommitInput>());
        lab.Input(new TurnInput.PushToTalk(false));
        Assert.Single(lab.Sent<ModelCommand.CommitInput>());
    }

    [Theory]
    [InlineData(500, 600, 2000)]
    [InlineData(500, 100, 1500)]
    [InlineData(100, 500, 1000)]
    public void Two_presses_while_there_is_no_session_are_one_turn(int first, int second, int spoken)
    {
        var lab = Pressed(first, second);
        lab.Run(500);
        lab.Open(2);
        Assert.Equal(spoken, (lab.Now - lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom!.Value).TotalMilliseconds);
        Assert.Single(lab.Sent<ModelCommand.CommitInput>());
        lab.Generate();
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_press_whose_commit_went_down_with_the_socket_is_spoken_again()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PushToTalk(true));
        lab.Run(1000);
        lab.Input(new TurnInput.PushToTalk(false));
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        Assert.Equal(lab.Now - TimeSpan.FromSeconds(1), lab.All.OfType<TurnCommand.AdoptSession>().Last().ReplayInputFrom);
        Assert.Contains(lab.All, c => c is TurnCommand.SendToModel { Session: 2, Command: ModelCommand.CommitInput });
    }

    private static CallLab Pressed(params int[] presses)
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.AutoOpen = false;
        lab.Input(new TurnInput.SessionLost(1, "dropped"));
        foreach (var length in presses)
        {
            lab.Run(400);
            lab.Input(new TurnInput.PushToTalk(true));
            lab.Run(length);
            lab.Input(new TurnInput.PushToTalk(false));
        }

        return lab;
    }
}
