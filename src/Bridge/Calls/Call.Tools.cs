using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Store;
using Bridge.Tools;

namespace Bridge.Calls;

// What function calls may do to their call.
internal sealed partial class Call
{
    /// <summary>Keeps a note with the call and shows it on the page.</summary>
    public void Save(CallNote note)
    {
        lock (_notes)
        {
            // The same function call saves the same note, however often it is asked.
            _notes.RemoveAll(n => n.Id == note.Id);
            _notes.Add(note);
        }

        Page.ShowNote(note);
    }

    private ToolHost ToolHost() => new()
    {
        Page = Page.Rpc,
        Completed = (callId, json, failed) => PostAsync(new TurnInput.ToolCompleted(callId, json, failed)),
        CancelledByPerson = callId => PostAsync(new TurnInput.PageToolCancelled(callId)),
        Progressed = (callId, message) => Post(new TurnInput.ToolProgress(callId, message)),
        Activity = ShowActivity,
        DeclaredChanged = OptionsChanged,
        Problem = Report,
        Save = (note, _) =>
        {
            Save(new CallNote(note.Id, _services.Time.GetUtcNow(), note.Title, note.Text, note.Data.ValueKind == JsonValueKind.Undefined ? null : note.Data));
            return ValueTask.CompletedTask;
        },
        RequestRecap = () => Post(new TurnInput.RecapRequested()),
        EndCall = _ => EndAfterPlayout(CallEnd.EndedByAgent),
        Transfer = (slug, _, _) => ValueTask.FromResult(TransferTo(slug)),
    };

    private void ShowActivity(ToolActivity activity)
    {
        Page.ShowTool(activity);
        if (activity.Phase is "done" or "failed" or "cancelled")
        {
            _services.Metrics.ToolEnded(activity.Target, activity.Phase);
        }
    }

    private void Report(string code, string sentence)
    {
        _services.Metrics.Problem(code);
        Log.CallProblem(_logger, Id, code, sentence);
    }

    private void ReportTimings()
    {
        Media.AdaptToLoss();
        Page.ShowMetrics(_timings.Snapshot());
    }

    /// <summary>Hangs up when the agent has said what it is saying, or after a while in any case.</summary>
    private void EndAfterPlayout(string reason)
    {
        _endWanted ??= reason;
        _limit.Change(GoodbyeTime, Timeout.InfiniteTimeSpan);
    }

    private void Account(ModelUsage usage)
    {
        _bill.Add(usage, _services.PriceOf(Role));
        if (_bill.Cost >= Role.Limits.Cost && !_costReached)
        {
            _costReached = true;
            Report("cost_limit", "the call has cost what its role allows");
            EndAfterPlayout(CallEnd.CostLimit);
        }
    }
}
