using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>How a call ends: the agent is cut off, functions are cancelled, recap and outcome are asked for, and everything is closed.</summary>
internal sealed class EndingRules(TurnParts parts, InterruptionRules interruptions)
{
    // A service that works reports within a round trip what a cancelled response has used.
    private static readonly TimeSpan UsageWait = TimeSpan.FromSeconds(1);
    private readonly Deadline _wait = parts.Context.Timers.Own(TurnTimer.LastUsage);
    private string? _reason;

    /// <summary>The call is ending: only recap and outcome are still waited for.</summary>
    public bool IsEnding => _reason is not null;

    /// <summary>The person, the page or the host ends the call.</summary>
    public void HangUp(string reason)
    {
        if (IsEnding)
        {
            return;
        }

        _reason = reason;
        parts.Sessions.StopOpening();
        parts.Responses.WantNone();
        if (parts.User.IsVerdictPending || parts.IsAgentBusy || !parts.Playback.IsEmpty)
        {
            parts.User.BeginInterruption();
            interruptions.Interrupt();
            parts.Playback.FixHeard();
        }

        parts.Calls.CancelAll();
        parts.Context.Timers.ClearAll();
        if (parts.Conversation.Log.Items.Count > 0)
        {
            parts.LastWritings.Plan();
        }

        if (parts.Context.Options.IsBudgeted && !parts.Responses.IsIdle && parts.Context.Session is not null)
        {
            _wait.Set(parts.Context.Now + UsageWait);
        }
    }

    /// <summary>After each input of a call that is ending: brings the conversation up to date, asks for recap and outcome, and ends.</summary>
    public void Continue()
    {
        if (!parts.LastWritings.AreDue || parts.Context.Session is null)
        {
            if (!_wait.IsSet || parts.Responses.IsIdle || parts.Context.Session is null)
            {
                End();
            }

            return;
        }

        parts.Responses.Want(parts.Calls.AnswerAll(parts.Responses.ToolSteps));
        if (parts.Responses.IsIdle)
        {
            parts.Conversation.Flush();
            parts.LastWritings.Continue();
        }
    }

    /// <summary>An out-of-band response ends with its session.</summary>
    public void DropOutOfBand()
    {
        var dropped = parts.OutOfBand.Drop();
        if (!IsEnding)
        {
            parts.LastWritings.Take(dropped);
        }
    }

    /// <summary>The service refused. True when it will refuse for ever, and the call has ended for that.</summary>
    public bool TryEndRefused(string? code)
    {
        if (!FinalErrors.Contains(code))
        {
            return false;
        }

        EndRefused(code!);
        return true;
    }

    /// <summary>The call ends now: the account, the key or the model's name is refused.</summary>
    public void EndRefused(string why)
    {
        parts.Context.Report(EndReason.ModelRefused, FinalErrors.Sentence(why));
        End(EndReason.ModelRefused);
    }

    /// <summary>The call ends now, for the reason of the hang-up.</summary>
    public void End() => End(_reason ?? "");

    /// <summary>The call ends now.</summary>
    public void End(string reason)
    {
        _reason ??= reason;
        parts.Context.Timers.ClearAll();
        parts.LastWritings.End();
        parts.Sessions.StopOpening();
        parts.Responses.WantNone();
        parts.Calls.End();
        parts.Conversation.FlushIntoLog();
        parts.Playback.End();
        parts.Sessions.End();
        parts.Context.Show(CallState.Ended);
        parts.Context.Emit(new TurnCommand.EndCall(reason));
    }
}
