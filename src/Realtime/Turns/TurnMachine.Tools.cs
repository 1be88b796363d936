using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// Function calls: each gets exactly one output, the calls of one response together, after that response has ended.
public sealed partial class TurnMachine
{
    /// <summary>Code of the problem that the model called functions in more rounds than a turn may take.</summary>
    public const string ToolStepsExceeded = "tool_steps_exceeded";

    private const string InterruptedOutput = """{"cancelled":true,"reason":"the person interrupted"}""";
    private const string CancelledByPersonOutput = """{"cancelled":true,"reason":"the person cancelled it"}""";
    private const string DetachedOutput = """{"status":"running","note":"it goes on in the background; its result will be told when it is there"}""";
    private const string EndedOutput = """{"cancelled":true,"reason":"the call ended"}""";
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, ToolRun> _tools = new(StringComparer.Ordinal);
    private int _toolsRunning;

    private bool ToolsRunning => _toolsRunning > 0;

    private void OnCallComplete(string response, string itemId, string callId, string name, string arguments)
    {
        if (_response is { } flight && flight.Id == response)
        {
            Touch();
            OnCall(flight, itemId, callId, name, arguments);
        }
    }

    private void OnCall(ResponseFlight flight, string itemId, string callId, string name, string arguments)
    {
        if (_tools.ContainsKey(callId))
        {
            return;
        }

        var run = new ToolRun(callId, itemId, name, arguments, _options.PolicyOf(name)) { Round = flight.Round };
        _tools.Add(callId, run);
        flight.Round.Runs.Add(run);
        LogItem(new ModelItem(itemId, ModelItemKind.FunctionCall) { CallId = callId, Name = name, Arguments = arguments }, Place(_current!, itemId));
        if (flight.Cancelled)
        {
            run.Output = InterruptedOutput;
        }
        else if (_interruption is null)
        {
            StartTool(run);
        }
    }

    private void StartTool(ToolRun run)
    {
        run.Started = true;
        _toolsRunning++;
        Emit(new TurnCommand.InvokeTool(run.CallId, run.Name, run.Arguments));
    }

    private void StartHeldTools()
    {
        if (_response is not null)
        {
            foreach (var run in _response.Round.Runs)
            {
                StartHeld(run);
            }
        }

        foreach (var run in _tools.Values)
        {
            StartHeld(run);
        }
    }

    private void StartHeld(ToolRun run)
    {
        if (run is { Started: false, Output: null })
        {
            StartTool(run);
        }
    }

    private void InterruptTools()
    {
        foreach (var run in _tools.Values)
        {
            if (run.Output is not null)
            {
                continue;
            }

            switch (run.Started ? run.Policy.BargeIn : ToolBargeIn.Cancel)
            {
                case ToolBargeIn.Cancel:
                    CancelRun(run, InterruptedOutput);
                    break;
                case ToolBargeIn.Detach:
                    run.Detached = true;
                    run.Output = DetachedOutput;
                    _toolsRunning--;
                    run.Round.Quiet = true;
                    break;
            }
        }

        AnswerRounds();
    }

    private void CancelRun(ToolRun run, string output)
    {
        if (run.Started)
        {
            _toolsRunning--;
            Emit(new TurnCommand.CancelTool(run.CallId));
        }

        run.Output = output;
        run.Round.Quiet = true;
    }

    private void CloseRound(ResponseFlight flight)
    {
        if (flight.Round.Closed)
        {
            return;
        }

        flight.Round.Closed = true;
        flight.Round.Quiet |= flight.Cancelled;
        if (flight.Round.Runs.Count > 0)
        {
            _toolSteps++;
            Answer(flight.Round);
        }
    }

    private void AnswerRounds()
    {
        foreach (var run in _tools.Values)
        {
            if (!run.Answered && run.Output is not null)
            {
                Answer(run.Round);
            }
        }
    }

    private void Answer(ToolRound round)
    {
        if (!round.Closed || round.Runs.Exists(run => run.Output is null))
        {
            return;
        }

        var answers = false;
        var any = false;
        foreach (var run in round.Runs)
        {
            if (!run.Answered)
            {
                any = true;
                run.Answered = true;
                answers |= run.Policy.AnswersTurn;
                _outbox.Add(new ModelCommand.CreateItem(new ModelItem(NewItemId("o"), ModelItemKind.FunctionOutput) { CallId = run.CallId, Output = run.Output }));
            }
        }

        if (!any || round.Quiet || !answers)
        {
            return;
        }

        if (_toolSteps == _options.MaxToolSteps)
        {
            Report(ToolStepsExceeded, "the model is told to answer without functions");
            _outbox.Add(Note($"You have called functions in {_toolSteps} rounds for this turn, which is the limit. Answer now with what you know."));
        }

        Want(WantedResponse.ToolOutputs);
    }

    private ModelCommand.CreateItem Note(string text) =>
        new(new ModelItem(NewItemId("n"), ModelItemKind.SystemMessage) { Text = text });

    private void OnToolCompleted(string callId, string output, bool failed)
    {
        if (!_tools.TryGetValue(callId, out var run))
        {
            return;
        }

        if (run.Output is null)
        {
            _toolsRunning -= run.Started ? 1 : 0;
            run.Output = output;
            Answer(run.Round);
        }
        else if (run.Detached)
        {
            run.Detached = false;
            _outbox.Add(Note($"The function {run.Name} (call {callId}) that ran in the background has {(failed ? "failed" : "ended")}: {output}"));
            if (run.Policy.AnswersTurn)
            {
                Want(WantedResponse.ToolOutputs);
            }
        }
    }

    private void OnToolCancelled(string callId)
    {
        if (!_tools.TryGetValue(callId, out var run))
        {
            return;
        }

        if (run is { Started: true, Output: null })
        {
            var quiet = run.Round.Quiet;
            CancelRun(run, CancelledByPersonOutput);
            run.Round.Quiet = quiet;
            Answer(run.Round);
        }
        else if (run.Detached)
        {
            // Its output has been given; nothing is asked of the model, it only must not wait for a result.
            run.Detached = false;
            Emit(new TurnCommand.CancelTool(callId));
            _outbox.Add(Note($"The function {run.Name} (call {callId}) that ran in the background was cancelled by the person."));
        }
    }

    private void OnToolProgress(string callId, string message)
    {
        if (!_tools.TryGetValue(callId, out var run) || (run.Output is not null && !run.Detached))
        {
            return;
        }

        Log(new ConversationEntry.ToolProgressed(LogTime, callId, message));
        if (run.Policy.ProgressToModel && _response is null && _spoken.Count == 0 && !_userSpeaking
            && (run.LastProgress == TimeSpan.MinValue || _now - run.LastProgress >= ProgressPause))
        {
            run.LastProgress = _now;
            _outbox.Add(Note($"The function {run.Name} is still at work: {message}. Tell the person so in a few words."));
            Want(WantedResponse.Progress);
        }
    }
}
