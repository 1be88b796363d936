namespace Bridge.Realtime.Turns;

/// <summary>A call leaves for another host, or goes on here after it was led elsewhere.</summary>
internal sealed class HostChange(TurnParts parts, InterruptionRules interruptions, Resumption resumption)
{
    /// <summary>Makes the log such that another host can go on from it.</summary>
    public void Leave()
    {
        var cutOff = parts.IsAgentBusy || !parts.Playback.IsEmpty;
        if (parts.User.IsVerdictPending)
        {
            interruptions.Interrupt();
        }

        parts.User.Recover(unanswered: parts.Responses.HasNoAnswer);
        if (!parts.Playback.IsEmpty)
        {
            // Functions go on: the other host asks for them by the same ids.
            parts.Playback.Clear();
            parts.Playback.FixHeard();
        }

        parts.Conversation.FlushIntoLog();
        parts.Context.Emit(new TurnCommand.CallLeft(parts.User.TakeReplay(), cutOff));
    }

    /// <summary>Takes what the other host has left.</summary>
    public void GoOn(TurnInput.CallContinued left)
    {
        parts.Conversation.Continue(left.Facts);
        if (parts.Conversation.Log.Items.Count > 0)
        {
            parts.Responses.Greetings.Skip();
            resumption.Begin(left.CutOff);
        }
    }
}
