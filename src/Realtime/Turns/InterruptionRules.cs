using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The effects of an interruption, or of a sound that was none, on the parts.</summary>
internal sealed class InterruptionRules(TurnParts parts)
{
    /// <summary>Carries out what the person's side decided.</summary>
    public void Carry(SpeechDecision decision)
    {
        if (decision.HasFlag(SpeechDecision.Drop))
        {
            parts.Context.Session?.Answers.OnTakenBack();
        }

        if (decision.HasFlag(SpeechDecision.Silence))
        {
            parts.Playback.Clear();
        }

        if (decision.HasFlag(SpeechDecision.Interrupt))
        {
            Interrupt();
        }
        else if (decision.HasFlag(SpeechDecision.Resume))
        {
            parts.Context.Session?.Answers.OnTakenBack();
            Resume();
        }
        else if (decision.HasFlag(SpeechDecision.Answer))
        {
            InterruptCalls();
            parts.Responses.Want(WantedResponse.UserTurn);
        }
    }

    /// <summary>The stop button, the talk key or typed text: an interruption without a doubt.</summary>
    public void InterruptNow()
    {
        parts.Held.EndPause();
        CutOff();
    }

    private void CutOff()
    {
        if (!parts.User.IsVerdictPending && !parts.IsAgentBusy && parts.Playback.IsEmpty)
        {
            InterruptCalls();
            parts.Responses.DropUnaskedWishes(byVoice: false);
            return;
        }

        parts.User.BeginInterruption();
        Interrupt(byVoice: false);
    }

    /// <summary>The role's guard keeps the rest of a response from being heard; its line takes the place.</summary>
    public void Block(int session, string response, string line)
    {
        if (!parts.Sessions.IsCurrent(session))
        {
            return;
        }

        // Audio that was withheld is in the service's conversation all the same.
        parts.Context.Session!.Spoke = true;
        if (parts.Responses.Find(response) is { Cancelled: false } flight)
        {
            CutOff();
            parts.Responses.Replace(flight, line);
        }
    }

    /// <summary>The pending interruption is real: what is left unsaid stays unsaid.</summary>
    /// <param name="byVoice">False: a button or the keyboard.</param>
    public void Interrupt(bool byVoice = true)
    {
        var interruption = parts.User.TakeInterruption();

        // Again for what was generated and held since the first sound.
        parts.Playback.Clear();
        parts.Responses.Cancel(byVoice);
        if (parts.Context.Session is { } session)
        {
            // Where it can't be cancelled it speaks on, unheard, and fixes the voice.
            session.Spoke |= parts.Context.Has(ServerHabits.NoCancel);
        }

        InterruptCalls();
        if (!parts.Playback.IsEmpty)
        {
            parts.Playback.Settle(afterSpeech: interruption is { ItemId: not null, Committed: false });
        }

        parts.Responses.DropUnaskedWishes(byVoice);
        if (interruption.Committed)
        {
            parts.Responses.Want(WantedResponse.UserTurn);
        }
    }

    // A cough: the sentence goes on where it stopped, calls that came meanwhile are made.
    private void Resume()
    {
        if (parts.User.WithdrawInterruption())
        {
            parts.Playback.Resume();
        }

        parts.Calls.StartHeld();
    }

    private void InterruptCalls() => parts.Responses.Want(parts.Calls.Interrupt(parts.Responses.ToolSteps));
}
