using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>How a call moves from one session to the next: at a quiet moment, for another role, or because a session is lost.</summary>
internal sealed class SessionRules(TurnParts parts, InterruptionRules interruptions, ResponseRules responses, EndingRules ending)
{
    // Even a move that is forced waits for these.
    private const ResponseBlockers Always = ResponseBlockers.ResponseActive | ResponseBlockers.PositionUnsettled;
    private const ResponseBlockers UnlessForced = ResponseBlockers.UserSpeaking | ResponseBlockers.VerdictPending;
    private const string Refused =
        "The change that you were to go on with was refused by the service. It did not happen: you go on as before.";
    private TurnOptions? _newOptions;

    // The options that the call goes back to when those it has taken are refused; null: those it has are in force.
    private TurnOptions? _fallback;

    // They were not confirmed and need not be: a refusal may come yet.
    private bool _isAssumed;

    /// <summary>The role was edited; its options are taken between two turns.</summary>
    public void ChangeRole(TurnOptions options) => _newOptions = options;

    /// <summary>A session has confirmed an update, or need not: its last configuration is in force.</summary>
    public void OnUpdated(int session, bool assumed = false)
    {
        _isAssumed = assumed;
        parts.Sessions.OnUpdated(session, assumed);
        if (parts.Sessions.MustAdopt)
        {
            Adopt();
        }
        else if (parts.Sessions.IsCurrent(session)
            && (parts.Blockers & (ResponseBlockers.ConfigurationPending | ResponseBlockers.SessionGivenUp)) == 0)
        {
            Confirm();
        }
    }

    /// <summary>The service refused a command. True when it was an update of a session, and everything about it is done.</summary>
    public bool TryRefused(int session, ModelEvent.Error error)
    {
        var refusal = FinalErrors.Contains(error.Code) ? ConfigurationRefusal.None : parts.Sessions.OnRefused(session, error);
        if (refusal != ConfigurationRefusal.Whole)
        {
            return refusal == ConfigurationRefusal.Left;
        }

        responses.ReportRefused(error);
        var isCurrent = parts.Sessions.IsCurrent(session);
        if (_fallback is { } before)
        {
            GoBack(before, isCurrent);
        }
        else if (isCurrent ? parts.Context.Session!.Configuration.IsNone : parts.Context.Session is null)
        {
            parts.Context.Report(
                EndReason.ConfigurationRefused,
                "the model's service refuses the role's configuration as a whole; a call without it would be another agent");
            ending.End(EndReason.ConfigurationRefused);
        }
        else if (!isCurrent)
        {
            parts.Context.Report("session_not_opened", "the successor refused the configuration that its predecessor has");
            parts.Sessions.CloseNext();
            EndUnless(parts.Sessions.OnNextLost());
        }

        return true;
    }

    /// <summary>An update was not answered in time: its session is no longer trusted.</summary>
    public void OnUnconfirmed()
    {
        if (parts.Sessions.TakeUnconfirmed() is not { } session)
        {
            return;
        }

        if (parts.Sessions.TryAssumeConfirmed())
        {
            OnUpdated(session, assumed: true);
            return;
        }

        parts.Context.Report(
            "configuration_unconfirmed", "the service answered session.update neither with session.updated nor with an error");
        if (parts.Sessions.IsCurrent(session))
        {
            parts.Context.Emit(new TurnCommand.CloseSession(session));
            Lose("unconfirmed");
        }
        else
        {
            parts.Sessions.CloseNext();
            EndUnless(parts.Sessions.OnNextLost());
        }
    }

    /// <summary>A session has ended or could not be opened.</summary>
    public void OnLost(TurnInput.SessionLost lost)
    {
        var (session, reason, isFinal) = lost;
        if (lost.IsBusy && parts.Sessions.IsNext(session) && parts.Context.Session is not null)
        {
            parts.Sessions.OnOneAtATime(reason);
        }
        else if (parts.Sessions.IsRetired(session))
        {
            parts.Sessions.OnRetiredLost();
        }
        else if (parts.Sessions.IsNext(session))
        {
            if (!lost.IsBusy || !parts.Context.Has(ServerHabits.OneSession))
            {
                // Else the session that was closed for it is not gone yet.
                parts.Context.Report("session_not_opened", reason);
            }

            var goesOn = parts.Sessions.OnNextLost();
            if (isFinal && (parts.Blockers & (ResponseBlockers.NoSession | ResponseBlockers.SessionGivenUp)) != 0)
            {
                ending.EndRefused("the session");
            }
            else
            {
                EndUnless(goesOn);
            }
        }
        else if (parts.Sessions.IsCurrent(session))
        {
            parts.Context.Report("session_lost", reason);
            Lose(reason);
        }
    }

    /// <summary>The active response is silent for too long: it is tried once more, then its session is given up.</summary>
    public void OnStalled()
    {
        if (parts.Responses.IsIdle || parts.Context.Session is not { } session)
        {
            return;
        }

        if (parts.Responses.IsWithheldInVain && parts.Responses.TryAskWithheld())
        {
            return;
        }

        var seconds = parts.Context.Options.ResponseTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        parts.Context.Report("response_stalled", $"no event of the response for {seconds} s");
        if (parts.Responses.TryAskWithheld() || parts.Responses.TryCancelStalled())
        {
            return;
        }

        parts.Context.Emit(new TurnCommand.CloseSession(session.Number));
        if (parts.Responses.Failures.TryGiveUpSession())
        {
            Lose("stalled");
        }
        else
        {
            ending.End(EndReason.ModelFailed);
        }
    }

    /// <summary>After each input: moves to the successor when it may be done, then takes the new options.</summary>
    public void TryMove()
    {
        MoveIfQuiet();
        if (_newOptions is { } options && parts.IsBetweenTurns)
        {
            var before = parts.Context.Options;
            _fallback = _isAssumed ? before : _fallback ?? before;
            _isAssumed = false;
            (parts.Context.Options, _newOptions) = (parts.Sessions.Allowed(options), null);
            if (parts.Sessions.Reconfigure(before))
            {
                MoveIfQuiet();
            }
        }
    }

    private bool IsQuiet => parts.Sessions.IsMoveForced
        || ((parts.Blockers & UnlessForced) == 0 && !parts.OutOfBand.IsActive && parts.Playback.IsEmpty && !parts.User.IsTranscriptPending);

    private void MoveIfQuiet()
    {
        if (parts.Sessions.ClosesFirst is { } reason && IsQuiet && (parts.Blockers & Always) == 0)
        {
            parts.Context.Emit(new TurnCommand.CloseSession(parts.Context.Session!.Number));
            Lose(reason);
            return;
        }

        if (!parts.Sessions.CanMove || !IsQuiet || (parts.Blockers & Always) != 0)
        {
            return;
        }

        if (parts.User.IsVerdictPending)
        {
            // The answer is given up for words that may turn out to be a cough.
            interruptions.Interrupt();
            parts.User.OweAnswerAfterMove();
            if ((parts.Blockers & Always) != 0)
            {
                return;
            }
        }

        parts.User.Leave();
        parts.Held.IsOwed = false;
        Adopt();
    }

    // The session is gone (dropped, closed, stalled). The answer and the words of the moment are carried over.
    private void Lose(string reason)
    {
        parts.Sessions.OnCurrentLost();
        ending.DropOutOfBand();
        var answering = parts.Held.IsOwed || (parts.Responses.AnswersUser && parts.User.HasTurn);
        parts.Held.IsOwed = false;
        if (parts.User.IsVerdictPending)
        {
            interruptions.Interrupt();
        }

        if (parts.User.Recover(unanswered: parts.Responses.HasNoAnswer))
        {
            parts.Responses.ForgetUserTurn();
        }

        responses.Recover();
        if (answering && parts.Responses.Wanted != WantedResponse.UserTurn)
        {
            parts.User.OweAnswer();
        }

        parts.Playback.FixIfSettling();
        EndUnless(parts.Sessions.TryReplaceLost(reason, out var adopt));
        if (adopt)
        {
            Adopt();
        }
    }

    private void Adopt()
    {
        var session = parts.Sessions.Adopt();
        ending.DropOutOfBand();
        parts.Playback.LogGenerated();
        parts.Conversation.Replay();
        var replayFrom = parts.User.TakeReplay();
        parts.Context.Emit(new TurnCommand.AdoptSession(session.Number, replayFrom));
        parts.Conversation.Append(new ConversationEntry.SessionAdopted(parts.Context.CallTime, session.Number, session.Reason));
        if (parts.Sessions.IsFirst)
        {
            parts.Context.Emit(new TurnCommand.SetUplink(parts.User.Uplink));
        }

        parts.User.OnReplayed(replayFrom);
        Confirm();
    }

    private void Confirm()
    {
        _fallback = _isAssumed ? _fallback : null;
        parts.Context.Emit(new TurnCommand.SettleOptions(parts.Context.Options.Version, null));
    }

    // The role that was to come is refused: the one before stays, and so does the session that has it.
    private void GoBack(TurnOptions before, bool isCurrent)
    {
        var refused = parts.Context.Options.Version;
        (parts.Context.Options, _fallback) = (parts.Sessions.Allowed(before), null);
        parts.Context.Report("role_refused", "the model's service refuses the new configuration; the call goes on with the one before");
        parts.Conversation.EnqueueNote(Refused);
        if (isCurrent)
        {
            parts.Sessions.ConfigureBare();
        }
        else if (parts.Context.Session is null)
        {
            parts.Sessions.ConfigureNext();
        }
        else
        {
            parts.Sessions.KeepCurrent();
        }

        parts.Context.Emit(
            new TurnCommand.SettleOptions(refused, "The model's service refuses the new configuration; the call goes on as before."));
    }

    private void EndUnless(bool goesOn)
    {
        if (!goesOn)
        {
            ending.End(EndReason.ModelUnavailable);
        }
    }
}
