using System.Globalization;
using Bridge.Realtime.Conversation;

namespace Bridge.Realtime.Turns;

/// <summary>How a call moves from one session to the next: at a quiet moment, for another role, or because a session is lost.</summary>
internal sealed class SessionRules(TurnParts parts, InterruptionRules interruptions, ResponseRules responses, EndingRules ending)
{
    // Even a move that is forced waits for these.
    private const ResponseBlockers Always = ResponseBlockers.ResponseActive | ResponseBlockers.PositionUnsettled;
    private const ResponseBlockers UnlessForced = ResponseBlockers.UserSpeaking | ResponseBlockers.VerdictPending;
    private TurnOptions? _newOptions;

    /// <summary>The role was edited; its options are taken between two turns.</summary>
    public void ChangeRole(TurnOptions options) => _newOptions = options;

    /// <summary>A session is open.</summary>
    public void OnOpened(int session, TimeSpan? lifetime)
    {
        if (parts.Sessions.OnOpened(session, lifetime))
        {
            Adopt();
        }
    }

    /// <summary>A session has ended or could not be opened.</summary>
    public void OnLost(int session, string reason, bool isFinal)
    {
        if (parts.Sessions.IsRetired(session))
        {
            parts.Sessions.OnRetiredLost();
        }
        else if (parts.Sessions.IsNext(session))
        {
            parts.Context.Report("session_not_opened", reason);
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

        var seconds = parts.Context.Options.ResponseTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        parts.Context.Report("response_stalled", $"no event of the response for {seconds} s");
        if (parts.Responses.TryCancelStalled())
        {
            return;
        }

        parts.Context.Emit(new TurnCommand.CloseSession(session.Number));
        if (parts.Responses.TryGiveUpSession())
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
            (parts.Context.Options, _newOptions) = (options, null);
            if (parts.Sessions.Reconfigure(before))
            {
                MoveIfQuiet();
            }
        }
    }

    private void MoveIfQuiet()
    {
        var quiet = parts.Sessions.IsMoveForced
            || ((parts.Blockers & UnlessForced) == 0 && !parts.OutOfBand.IsActive && parts.Playback.IsEmpty && !parts.User.IsTranscriptPending);
        if (!parts.Sessions.CanMove || !quiet || (parts.Blockers & Always) != 0)
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
        Adopt();
    }

    // The session is gone (dropped, closed, stalled). What was being said and answered is carried over.
    private void Lose(string reason)
    {
        parts.Sessions.OnCurrentLost();
        ending.DropOutOfBand();
        var answering = parts.Responses.AnswersUser && parts.User.HasTurn;
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
    }

    private void EndUnless(bool goesOn)
    {
        if (!goesOn)
        {
            ending.End(EndReason.ModelUnavailable);
        }
    }
}
