using Bridge.Realtime.Turns;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>Carries out what the turn machine of a call commands. Called by the thread in the call's mailbox; waits for nothing.</summary>
internal sealed class CallCommands(
    CallMailbox mailbox, CallRole role, CallSessions sessions, CallMedia media, PageView view, ToolDispatcher tools, CallRecorder recorder, CallCosts costs,
    CallBudget budget, CallMinutes minutes, CallReports reports, CallEnding ending, CallWaiting waiting, AnswerHolds holds)
{
    /// <summary>The state of the call as it leaves for another host; null: it has not left.</summary>
    public TurnCommand.CallLeft? Left { get; private set; }

    /// <summary>Carries out one command; the reason when it was the last, else null.</summary>
    public string? Carry(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel send:
                sessions.Send(send.Session, send.Command);
                break;
            case TurnCommand.PlayAudio play:
                media.Play(play.Track, play.ContentIndex, play.Pcm);
                break;
            case TurnCommand.FinishPlayout finish:
                media.Finish(finish.Track);
                break;
            case TurnCommand.ClearPlayout:
                var cleared = media.Clear();
                view.AskPlayout();
                mailbox.Post(cleared);
                break;
            case TurnCommand.InvokeTool invoke:
                tools.Invoke(invoke.CallId, invoke.Name, invoke.ArgumentsJson, invoke.Again);
                break;
            case TurnCommand.CancelTool cancel:
                tools.Cancel(cancel.CallId);
                break;
            case TurnCommand.ShowState show:
                view.ShowState(show.State);
                waiting.OnState(show.State);
                break;
            case TurnCommand.ShowTranscript show:
                view.ShowTranscript(show.Line);
                recorder.Heard(show.Line);
                break;
            case TurnCommand.WithdrawTranscript withdraw:
                view.WithdrawTranscript(withdraw.ItemId);
                break;
            case TurnCommand.ShowDigit show:
                view.ShowDigit(show.Digit);
                break;
            case TurnCommand.SetUplink uplink:
                sessions.SetUplink(uplink.Mode);
                break;
            case TurnCommand.OpenSession open:
                var current = role.Current;
                costs.Opening(open.Session, current);
                minutes.Start();
                sessions.Open(open.Session, current);
                break;
            case TurnCommand.AdoptSession adopt:
                costs.Adopted(adopt.Session);
                sessions.Adopt(adopt.Session, adopt.ReplayInputFrom);
                break;
            case TurnCommand.CloseSession close:
                sessions.Close(close.Session);
                break;
            case TurnCommand.RefuseTool refused:
                tools.LeaveOut(refused.Name, refused.Message);
                view.ShowProblem("tool_refused", refused.Message);
                break;
            case TurnCommand.SettleOptions settled:
                Settle(settled);
                break;
            case TurnCommand.AnswerTurn:
                ending.TakeBack();
                break;
            case TurnCommand.EndHold hold:
                holds.End(hold.InVain);
                break;
            case TurnCommand.ShowRecap recap:
                recorder.Recap = recap.Markdown;
                view.ShowRecap(recap.Markdown);
                break;
            case TurnCommand.CheckOutcome check:
                Check(check.Json);
                break;
            case TurnCommand.RecordUsage record:
                costs.Add(record.Usage, record.Purpose);
                if (!record.IsReserved)
                {
                    budget.Charge(record.Usage, record.Purpose);
                }

                break;
            case TurnCommand.ReserveBudget reserve:
                budget.Reserve(reserve);
                break;
            case TurnCommand.SettleBudget settle:
                budget.Settle(settle);
                break;
            case TurnCommand.ShowNotice notice:
                view.ShowNotice(notice.What, notice.Words);
                break;
            case TurnCommand.ReportProblem problem:
                Report(problem);
                break;
            case TurnCommand.CallLeft left:
                Left = left;
                break;
            case TurnCommand.EndCall end:
                return end.Reason;
            default:
                throw new InvalidOperationException($"No handler for the command {command.GetType().Name}.");
        }

        return null;
    }

    private void Settle(TurnCommand.SettleOptions settled)
    {
        role.Settle(settled.Version, refused: settled.Refusal is not null);
        if (settled.Refusal is { } refusal)
        {
            view.ShowProblem("role_refused", refusal);
        }
    }

    private void Check(string json)
    {
        var errors = "";
        if (role.Current.Outcome?.TryRead(json, out var outcome, out errors) == true)
        {
            recorder.Outcome = outcome;
        }

        mailbox.Post(new TurnInput.OutcomeChecked(errors));
    }

    private void Report(TurnCommand.ReportProblem problem)
    {
        reports.Problem(problem.Code, problem.Message);
        if (problem.Code == TurnMachine.PreemptionOff)
        {
            holds.TurnOff(problem.Message);
        }

        if (problem.Code == TurnMachine.ToolStepsExceeded)
        {
            var steps = role.Current.Limits.ToolSteps;
            view.ShowTool(new ToolActivity(
                problem.Code, "tool_steps", "server", "failed", $"The agent called functions {steps} times in a row, which is this role's limit. It answers with what it knows."));
        }
    }
}
