using System.Diagnostics;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Timing;
using Bridge.Trail;

namespace Bridge.Telemetry;

/// <summary>
/// The spans of one call, made of what the turn machine takes and commands and of the facts of its log: it observes and decides
/// nothing. Called by the thread in the call's mailbox alone.
/// </summary>
internal sealed class CallTrace
{
    // A call that meets the same trouble all the time has enough of them.
    private const int MaxEvents = 64;

    private readonly SpanMaker _spans;
    private readonly ResponseSpans _responses;
    private readonly ExecutionContext? _context;
    private readonly Func<RoleRecords> _records;
    private readonly Func<RoleRecords, bool> _mayTell;
    private readonly Func<TracedTurn> _ofAgent;
    private readonly Dictionary<int, Activity> _opening = [];
    private readonly Dictionary<string, Activity> _tools = new(StringComparer.Ordinal);
    private readonly List<TracedTurn> _draining = [];
    private TracedTurn? _turn;
    private ActivityContext _session;
    private Func<bool>? _work;
    private RoleRecords? _role;
    private bool _did;
    private bool _told = true;
    private bool _listening;
    private int _seen;
    private int _events;

    public CallTrace(
        ActivitySource source, Activity root, HostClock clock, ILogger logger, string callId, (string Provider, string Name) model,
        Func<RoleRecords> records, Func<RoleRecords, bool> mayTell)
    {
        _spans = new SpanMaker(source, root, clock, model);
        _responses = new ResponseSpans(_spans);
        (_records, _mayTell, _ofAgent) = (records, mayTell, OfAgent);
        _context = SpanMaker.ContextOf(root, logger, callId);
    }

    /// <summary>The log so far is of an earlier host.</summary>
    public void GoOn(int entries) => _seen = entries;

    /// <summary>
    /// Does something that belongs to the call: its log lines have the call's id in their scope, and the call's trace. One thread at a
    /// time.
    /// </summary>
    public bool Run(Func<bool> work)
    {
        if (_context is null)
        {
            return work();
        }

        _work = work;
        ExecutionContext.Run(_context, static state =>
        {
            var trace = (CallTrace)state!;
            trace._did = trace._work!();
        }, this);
        return _did;
    }

    /// <summary>The machine has taken an input and commanded this; its log has the facts.</summary>
    /// <param name="now">The host's clock.</param>
    /// <param name="input">Null: time passed.</param>
    /// <param name="commands">Not carried out yet.</param>
    /// <param name="log">The conversation.</param>
    /// <param name="declared">The functions that the model may call.</param>
    public void Take(
        TimeSpan now, TurnInput? input, List<TurnCommand> commands, ConversationLog log, IReadOnlyList<ToolDeclaration> declared)
    {
        var records = _records();
        if (!ReferenceEquals(records, _role))
        {
            // The strictest of the roles that the call has had.
            _role = records;
            _told &= _mayTell(records);
        }

        if (input is not null)
        {
            Look(now, input, log);
        }

        for (; _seen < log.Entries.Count; _seen++)
        {
            Look(log.Entries[_seen]);
        }

        for (var i = 0; i < commands.Count; i++)
        {
            Look(now, commands[i], declared);
        }

        Settle(log);
    }

    /// <summary>A command is about to be carried out: what it starts belongs to its span.</summary>
    public void Before(TurnCommand command)
    {
        var span = command is TurnCommand.InvokeTool invoke && _tools.TryGetValue(invoke.CallId, out var tool) ? tool : _spans.Root;
        if (Activity.Current != span)
        {
            Activity.Current = span;
        }
    }

    /// <summary>The call is over.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="failed">A failure ended it.</param>
    /// <param name="cost">US dollars; null when nobody knows.</param>
    /// <param name="log">The conversation.</param>
    public void End(string reason, bool failed, decimal? cost, ConversationLog log)
    {
        _responses.Lost(_ => true, "call_ended");
        EndTurns(_draining, log);
        EndCurrent(log);
        foreach (var span in _tools.Values.Concat(_opening.Values))
        {
            SpanMaker.Fail(span, "call_ended");
            _spans.End(span);
        }

        var root = _spans.Root;
        root.SetTag(SpanNames.EndReason, CallTrail.Word(reason)).SetTag(SpanNames.InputTokens, log.Usage.Input)
            .SetTag(SpanNames.OutputTokens, log.Usage.Output).SetTag(SpanNames.Cost, cost is { } dollars ? (double)dollars : null);
        if (failed)
        {
            SpanMaker.Fail(root, CallTrail.Word(reason));
        }

        _spans.End(root);
    }

    private void Look(TimeSpan now, TurnInput input, ConversationLog log)
    {
        switch (input)
        {
            case TurnInput.ModelEventReceived(_, ModelEvent.InputCommitted committed):
                Person("voice", log).Said.Add(committed.ItemId);
                break;
            case TurnInput.ModelEventReceived(var session, var said):
                if (_responses.Look(now, session, said, _ofAgent) is { } item)
                {
                    item.Turn.Sounds(item.Id, now);
                }

                break;
            case TurnInput.PageText:
                Person("text", log);
                break;
            case TurnInput.PageImage { Prompt: not null }:
                Person("image", log);
                break;
            case TurnInput.ToolCompleted done:
                EndTool(done.CallId, done.Failed ? "tool_failed" : null, done.OutputJson);
                break;
            case TurnInput.PageToolCancelled cancelled:
                EndTool(cancelled.CallId, "cancelled", null);
                break;
            case TurnInput.SessionOpened(var session, _):
                if (_opening.Remove(session, out var opened))
                {
                    _spans.End(opened);
                }

                break;
            case TurnInput.SessionLost(var session, _, _):
                Lost(session);
                break;
        }
    }

    private void Look(ConversationEntry fact)
    {
        switch (fact)
        {
            case ConversationEntry.ItemAdded { Item: { Kind: ModelItemKind.UserMessage } item } when _turn is { IsAnswered: false } turn:
                if (!turn.Said.Contains(item.Id))
                {
                    turn.Said.Add(item.Id);
                }

                break;
            case ConversationEntry.AudioHeard(_, var item, var heard, var generated):
                SettleItem(item, heard, generated, interrupted: false);
                break;
            case ConversationEntry.Truncated(_, var item, var heard, var generated, _, _):
                SettleItem(item, heard, generated, interrupted: true);
                break;
            case ConversationEntry.ItemRemoved(_, var item, _):
                if (_turn is { IsAnswered: false } cough && cough.Said.Remove(item) && cough.Said.Count == 0)
                {
                    // It was no turn: a span that is never stopped is never exported.
                    _turn = null;
                }

                SettleItem(item, 0, 0, interrupted: true);
                break;
            case ConversationEntry.SessionAdopted(_, var session, var reason):
                Event("session.adopted", new(SpanNames.Session, session), new(SpanNames.SessionReason, CallTrail.Word(reason)));
                break;
        }
    }

    private void Look(TimeSpan now, TurnCommand command, IReadOnlyList<ToolDeclaration> declared)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(var session, ModelCommand.CreateResponse create):
                var purpose = ResponseSpans.PurposeOf(create);
                _responses.Ask(now, session, create, purpose == "turn" ? OfAgent() : null, purpose, _session);
                break;
            case TurnCommand.ShowState(var state):
                _listening = state is CallState.Listening or CallState.Reconnecting or CallState.Ended;
                break;
            case TurnCommand.OpenSession(var session, var reason):
                Open(session, CallTrail.Word(reason));
                break;
            case TurnCommand.CloseSession(var session):
                Lost(session);
                break;
            case TurnCommand.InvokeTool invoke:
                Invoke(invoke, declared);
                break;
            case TurnCommand.CancelTool cancel:
                EndTool(cancel.CallId, "cancelled", null);
                break;
            case TurnCommand.ReportProblem(var code, _):
                Event("problem", new KeyValuePair<string, object?>(SpanNames.Problem, CallTrail.Word(code)));
                break;
        }
    }

    // The person's turn that is not answered yet, or a new one.
    private TracedTurn Person(string kind, ConversationLog log)
    {
        if (_turn is { IsAnswered: true })
        {
            if (_draining.Count > 0)
            {
                EndTurns(_draining, log);
            }

            _draining.Add(_turn);
            _turn = null;
        }

        return _turn ??= NewTurn(kind);
    }

    // The turn that the agent speaks in, which may be its own.
    private TracedTurn OfAgent() => _turn ??= NewTurn("agent");

    private TracedTurn NewTurn(string kind)
    {
        var span = _spans.Start(SpanNames.Turn, ActivityKind.Internal, _spans.Root);
        span.SetTag(SpanNames.TurnKind, kind);
        return new TracedTurn(span, _spans.Now);
    }

    private void SettleItem(string item, int heard, int generated, bool interrupted)
    {
        if (_turn?.Settle(item, heard, generated, interrupted) != true)
        {
            foreach (var turn in _draining)
            {
                turn.Settle(item, heard, generated, interrupted);
            }
        }
    }

    private void Settle(ConversationLog log)
    {
        for (var i = _draining.Count - 1; i >= 0; i--)
        {
            if (_draining[i].IsSettled)
            {
                EndTurn(_draining[i], log);
                _draining.RemoveAt(i);
            }
        }

        if (_listening && _turn is { IsSettled: true })
        {
            EndCurrent(log);
        }
    }

    private void EndCurrent(ConversationLog log)
    {
        if (_turn is { } turn)
        {
            _turn = null;
            EndTurn(turn, log);
        }
    }

    private void EndTurns(List<TracedTurn> turns, ConversationLog log)
    {
        turns.ForEach(turn => EndTurn(turn, log));
        turns.Clear();
    }

    private void EndTurn(TracedTurn turn, ConversationLog log)
    {
        turn.Sum();
        if (_told)
        {
            turn.Span.SetTag(SpanNames.InputMessages, SpanContent.Messages("user", turn.Said, log))
                .SetTag(SpanNames.OutputMessages, SpanContent.Messages("assistant", turn.Spoken, log));
        }

        _spans.End(turn.Span);
    }

    private void Open(int session, string reason)
    {
        var span = _spans.Start(
            $"{SpanNames.OpenSession} {_spans.Model.Name}", ActivityKind.Client, _spans.Root, _session, "replaces");
        span.SetTag(SpanNames.Operation, SpanNames.OpenSession).SetTag(SpanNames.Provider, _spans.Model.Provider)
            .SetTag(SpanNames.RequestModel, _spans.Model.Name).SetTag(SpanNames.Session, session).SetTag(SpanNames.SessionReason, reason);
        _session = span.Context;
        _opening[session] = span;
    }

    private void Lost(int session)
    {
        if (_opening.Remove(session, out var failed))
        {
            SpanMaker.Fail(failed, "session_lost");
            _spans.End(failed);
        }

        _responses.Lost(response => response.Session == session, "session_lost");
    }

    private void Invoke(TurnCommand.InvokeTool invoke, IReadOnlyList<ToolDeclaration> declared)
    {
        // The name of a function that nobody declared is the model's own word.
        var tool = declared.FirstOrDefault(tool => tool.Name == invoke.Name);
        var name = tool is null ? "(undeclared)" : CallTrail.Word(tool.Name);
        var span = _spans.Start($"{SpanNames.ExecuteTool} {name}", ActivityKind.Internal, _turn?.Span ?? _spans.Root);
        span.SetTag(SpanNames.Operation, SpanNames.ExecuteTool).SetTag(SpanNames.ToolName, name).SetTag(SpanNames.ToolType, "function")
            .SetTag(SpanNames.ToolCall, CallTrail.Word(invoke.CallId));
        if (_told)
        {
            span.SetTag(SpanNames.ToolArguments, invoke.ArgumentsJson);
        }

        EndTool(invoke.CallId, "repeated", null);
        _tools[invoke.CallId] = span;
    }

    private void EndTool(string callId, string? error, string? result)
    {
        if (!_tools.Remove(callId, out var span))
        {
            return;
        }

        if (error is not null)
        {
            SpanMaker.Fail(span, error);
        }

        if (_told && result is not null)
        {
            span.SetTag(SpanNames.ToolResult, result);
        }

        _spans.End(span);
    }

    private void Event(string name, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_events++ < MaxEvents)
        {
            _spans.Root.AddEvent(new ActivityEvent(name, _spans.Utc, [.. tags]));
        }
    }
}
