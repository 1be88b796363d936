using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Function calls: each gets exactly one output, the calls of one response together, after that response has ended.
/// Members that may answer calls return why a response is wanted then; None: it is not.
/// </summary>
internal sealed class FunctionCalls(TurnContext context, ConversationWriter conversation)
{
    private const string InterruptedOutput = """{"cancelled":true,"reason":"the person interrupted"}""";
    private const string CancelledByPersonOutput = """{"cancelled":true,"reason":"the person cancelled it"}""";
    internal const string DetachedOutput =
        """{"status":"running","note":"it goes on in the background; its result will be told when it is there"}""";
    private const string EndedOutput = """{"cancelled":true,"reason":"the call ended"}""";
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(5);

    // By the id that the host runs them under: the model's call id, or one of ours when the model gave that to another call.
    private readonly Dictionary<string, ToolRun> _runs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _items = new(StringComparer.Ordinal);
    private int _running;
    private int _repeatedIds;

    /// <summary>A function runs whose output is waited for.</summary>
    public bool AreRunning => _running > 0;

    public bool Knows(string itemId) => _items.Contains(itemId);

    /// <summary>The arguments of a call are complete: it is started.</summary>
    /// <param name="flight">The response that makes it.</param>
    /// <param name="item">The function call.</param>
    /// <param name="hold">Start it later: it is not known whether the person interrupts.</param>
    public void OnCall(ResponseFlight flight, ModelItem item, bool hold)
    {
        if (item.CallId is not { } callId || !_items.Add(item.Id))
        {
            return;
        }

        var name = item.Name ?? "";
        var run = new ToolRun(NewRunId(callId), callId, name, item.Arguments ?? "{}", context.Options.PolicyOf(name))
        {
            Round = flight.Round,
        };
        _runs.Add(run.RunId, run);
        flight.Round.Runs.Add(run);
        conversation.AddServiceItem(
            new ModelItem(item.Id, ModelItemKind.FunctionCall) { CallId = callId, Name = name, Arguments = run.Arguments });
        if (flight.Cancelled)
        {
            run.Output = InterruptedOutput;
        }
        else if (!hold)
        {
            Start(run);
        }
    }

    /// <summary>
    /// The call was resumed from storage: its function calls are known again, by the ids that the host ran them under, and those
    /// without an output run again.
    /// </summary>
    public void Resume()
    {
        var log = conversation.Log;
        var outputs = log.Items.Where(item => item is { Kind: ModelItemKind.FunctionOutput, CallId: not null })
            .GroupBy(item => item.CallId!, StringComparer.Ordinal)
            .ToDictionary(of => of.Key, of => new Queue<string>(of.Select(item => item.Output ?? "")), StringComparer.Ordinal);
        foreach (var item in log.Entries.OfType<ConversationEntry.ItemAdded>().Select(added => added.Item).Where(item =>
            item.Kind == ModelItemKind.FunctionCall).ToList())
        {
            if (item.CallId is not { } callId || !_items.Add(item.Id))
            {
                continue;
            }

            var name = item.Name ?? "";
            var run = new ToolRun(NewRunId(callId), callId, name, item.Arguments ?? "{}", context.Options.PolicyOf(name))
            {
                Round = new ToolRound { Closed = true },
            };
            run.Round.Runs.Add(run);
            _runs.Add(run.RunId, run);
            if (outputs.TryGetValue(callId, out var known) && known.TryDequeue(out var output))
            {
                (run.Output, run.Answered) = (output, true);
                if (output == DetachedOutput && !IsTold(run))
                {
                    // Its result is still owed; nobody waits for it.
                    (run.Detached, run.Started) = (true, true);
                    context.Emit(new TurnCommand.InvokeTool(run.RunId, run.Name, run.Arguments) { Again = true });
                }
            }
            else if (log.Find(item.Id) is null)
            {
                (run.Output, run.Answered) = (EndedOutput, true);
            }
            else
            {
                Start(run, again: true);
            }
        }
    }

    /// <summary>The response that made calls has ended: their outputs may go out. False when it made none, or had ended before.</summary>
    public static bool TryClose(ResponseFlight flight)
    {
        var round = flight.Round;
        if (round.Closed)
        {
            return false;
        }

        round.Closed = true;
        round.Quiet |= flight.Cancelled;
        return round.Runs.Count > 0;
    }

    /// <summary>Starts the calls that were held.</summary>
    public void StartHeld()
    {
        foreach (var run in _runs.Values)
        {
            if (run is { Started: false, Output: null })
            {
                Start(run);
            }
        }
    }

    /// <summary>The person interrupted: each call goes on, is cancelled or is detached, as its policy says.</summary>
    public WantedResponse Interrupt(int toolSteps)
    {
        foreach (var run in _runs.Values)
        {
            if (run.Output is not null)
            {
                continue;
            }

            if (!run.Started || run.Policy.OnInterruption is { GoesOn: false })
            {
                Cancel(run, InterruptedOutput);
                run.Round.Quiet = true;
            }
            else if (run.Policy.OnInterruption is { GoesOn: true })
            {
                run.Detached = true;
                run.Output = DetachedOutput;
                _running--;
                run.Round.Quiet = true;
            }
        }

        return AnswerAll(toolSteps);
    }

    /// <summary>Answers every round of calls that is complete.</summary>
    public WantedResponse AnswerAll(int toolSteps)
    {
        var wanted = WantedResponse.None;
        foreach (var run in _runs.Values)
        {
            if (!run.Answered && run.Output is not null && Answer(run.Round, toolSteps) is var now && now > wanted)
            {
                wanted = now;
            }
        }

        return wanted;
    }

    /// <summary>Answers the calls of one response, if it has ended and each has its output.</summary>
    public WantedResponse Answer(ToolRound round, int toolSteps)
    {
        if (!round.Closed || round.Runs.Exists(run => run.Output is null))
        {
            return WantedResponse.None;
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
                conversation.EnqueueOutput(run.CallId, run.Output);
            }
        }

        // Behind all outputs: nothing may stand between two of them.
        foreach (var run in round.Runs)
        {
            ShowImages(run);
        }

        if (!any || round.Quiet || !answers)
        {
            return WantedResponse.None;
        }

        if (toolSteps == context.Options.MaxToolSteps)
        {
            context.Report(TurnMachine.ToolStepsExceeded, "the model is told to answer without functions");
            conversation.EnqueueNote(
                $"You have called functions in {toolSteps} rounds for this turn, which is the limit. Answer now with what you know.");
        }

        return WantedResponse.ToolOutputs;
    }

    /// <summary>A function has ended.</summary>
    public WantedResponse OnCompleted(TurnInput.ToolCompleted completed, int toolSteps)
    {
        if (!_runs.TryGetValue(completed.CallId, out var run))
        {
            return WantedResponse.None;
        }

        if (run.Output is null)
        {
            _running -= run.Started ? 1 : 0;
            run.Output = completed.OutputJson;
            run.Images = completed.Images;
            return Answer(run.Round, toolSteps);
        }

        if (!run.Detached)
        {
            return WantedResponse.None;
        }

        run.Detached = false;
        conversation.EnqueueNote(
            $"{Background(run)} has {(completed.Failed ? "failed" : "ended")}: "
                + $"{completed.OutputJson}");
        run.Images = completed.Images;
        ShowImages(run);
        return run.Policy.AnswersTurn ? WantedResponse.ToolOutputs : WantedResponse.None;
    }

    /// <summary>The person gave up on a function.</summary>
    public WantedResponse OnCancelledByPerson(string callId, int toolSteps)
    {
        if (!_runs.TryGetValue(callId, out var run))
        {
            return WantedResponse.None;
        }

        if (run is { Started: true, Output: null })
        {
            Cancel(run, CancelledByPersonOutput);
            return Answer(run.Round, toolSteps);
        }

        if (run.Detached)
        {
            // Its output has been given; nothing is asked of the model, it only must not wait for a result.
            run.Detached = false;
            context.Emit(new TurnCommand.CancelTool(callId));
            conversation.EnqueueNote(
                $"{Background(run)} was cancelled by the person.");
        }

        return WantedResponse.None;
    }

    /// <summary>A function reports its progress.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="message">The progress.</param>
    /// <param name="quiet">Nobody speaks and no response is active: the model may be told.</param>
    public WantedResponse OnProgress(string callId, string message, bool quiet)
    {
        if (!_runs.TryGetValue(callId, out var run) || (run.Output is not null && !run.Detached))
        {
            return WantedResponse.None;
        }

        conversation.Append(new ConversationEntry.ToolProgressed(context.CallTime, callId, message));
        if (!run.Policy.ProgressToModel || !quiet
            || (run.LastProgress != TimeSpan.MinValue && context.Now - run.LastProgress < ProgressPause))
        {
            return WantedResponse.None;
        }

        run.LastProgress = context.Now;
        conversation.EnqueueNote($"The function {run.Name} is still at work: {message}. Tell the person so in a few words.");
        return WantedResponse.Progress;
    }

    /// <summary>The call is ending: calls without an output are cancelled.</summary>
    public void CancelAll()
    {
        foreach (var run in _runs.Values)
        {
            if (run.Output is null)
            {
                Cancel(run, EndedOutput);
                run.Round.Quiet = true;
            }
        }
    }

    /// <summary>The call ends: every call that has no output in the conversation gets it.</summary>
    public void End()
    {
        foreach (var run in _runs.Values)
        {
            if (run.Output is null)
            {
                Cancel(run, EndedOutput);
            }

            if (!run.Answered)
            {
                run.Answered = true;
                conversation.EnqueueOutput(run.CallId, run.Output);
            }
        }
    }

    // Begins the notes that tell what became of a function in the background.
    private static string Background(ToolRun run) => $"The function {run.Name} (call {run.CallId}) that ran in the background";

    private bool IsTold(ToolRun run) => conversation.Log.Items.Any(item =>
        item.Kind == ModelItemKind.SystemMessage && item.Text.StartsWith(Background(run), StringComparison.Ordinal));

    // Once: a round may be looked at again.
    private void ShowImages(ToolRun run)
    {
        var images = run.Images;
        run.Images = [];
        foreach (var image in images)
        {
            conversation.Enqueue(
                new ModelItem(conversation.NewItemId("i"), ModelItemKind.UserMessage)
                {
                    Text = $"Image from the function {run.Name}.", ImageUrl = image,
                });
        }
    }

    // Some models count their calls from zero in each response.
    private string NewRunId(string callId)
    {
        if (!_runs.ContainsKey(callId))
        {
            return callId;
        }

        if (_repeatedIds == 0)
        {
            context.Report("call_id_repeated", "the model gave one call_id to several function calls");
        }

        string id;
        do
        {
            id = $"{callId}~{++_repeatedIds}";
        }
        while (_runs.ContainsKey(id));
        return id;
    }

    private void Start(ToolRun run, bool again = false)
    {
        run.Started = true;
        _running++;
        context.Emit(new TurnCommand.InvokeTool(run.RunId, run.Name, run.Arguments) { Again = again });
    }

    private void Cancel(ToolRun run, string output)
    {
        if (run.Started)
        {
            _running--;
            context.Emit(new TurnCommand.CancelTool(run.RunId));
        }

        run.Output = output;
    }
}
