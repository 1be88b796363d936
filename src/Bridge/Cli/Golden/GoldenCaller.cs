using System.Text.Json;
using Bridge.Calls;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Roles.Golden;
using Bridge.Tools;

namespace Bridge.Cli.Golden;

/// <summary>
/// A call without page and sound: the turn machine that the host uses, a model, a speaker that only measures, and tools
/// that answer what the golden conversation says. Virtual time jumps from deadline to deadline.
/// </summary>
internal sealed class GoldenCaller : IAsyncDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LiveSettle = TimeSpan.FromMilliseconds(2_500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ToolTime = TimeSpan.FromMilliseconds(20);

    private readonly RoleSnapshot _roles;
    private readonly GoldenModel _model;
    private readonly GoldenConversation _conversation;
    private readonly ICallMachine _machine;
    private readonly GoldenPlayout _playout = new();
    private readonly Dictionary<int, GoldenSession> _sessions = [];
    private readonly List<GoldenSession> _closed = [];
    private readonly List<int> _opening = [];
    private readonly PriorityQueue<TurnInput, TimeSpan> _pending = new();
    private readonly List<TurnCommand> _commands = [];
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private Role _role;
    private TimeSpan _virtual = TimeSpan.FromHours(1);
    private TimeSpan _asked;
    private GoldenTurn _turn;
    private GoldenAnswer _answer = new();
    private JsonElement? _outcome;
    private bool _hungUp;

    public GoldenCaller(RoleSnapshot roles, Role role, GoldenModel model, GoldenConversation conversation)
    {
        (_roles, _role, _model, _conversation, _turn) = (roles, role, model, conversation, conversation.Turns[0]);
        _machine = CallMachine.Create(Options(role), new ConversationLog());
    }

    // A full-duplex model says what it was told to a second later, and nothing shows it before.
    private TimeSpan Rest => _role.Model.IsLive ? LiveSettle : Settle;

    private TimeSpan Now => _model.IsVirtual ? _virtual : TimeProvider.System.GetElapsedTime(_started);

    /// <summary>Connects, and listens to the greeting when there is one.</summary>
    public async Task<GoldenAnswer> GreetAsync(GoldenTurn turn, CancellationToken cancellation)
    {
        Begin(turn);
        Feed(new TurnInput.CallStarted());
        Feed(new TurnInput.PageConnectionChanged(true));
        await RunAsync(cancellation).ConfigureAwait(false);
        return _answer;
    }

    /// <summary>Says something and listens to the end of the answer.</summary>
    public async Task<GoldenAnswer> SayAsync(GoldenTurn turn, CancellationToken cancellation)
    {
        Begin(turn);
        Feed(new TurnInput.PageText(turn.User!));
        await RunAsync(cancellation).ConfigureAwait(false);
        return _answer;
    }

    /// <summary>Hangs up; gives the call's outcome, or null when none came that fits, with what went wrong.</summary>
    public async Task<(JsonElement? Outcome, IReadOnlyList<string> Problems)> EndAsync(CancellationToken cancellation)
    {
        Begin(new GoldenTurn { Line = _conversation.OutcomeLine });
        _hungUp = true;
        Feed(new TurnInput.HangUpRequested(CallEnd.Hangup));
        await RunAsync(cancellation).ConfigureAwait(false);
        return (_outcome, _answer.Problems);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values.Concat(_closed))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private TurnOptions Options(Role role)
    {
        var context = new RoleContext { Now = DateTimeOffset.UtcNow, Locale = _conversation.Locale, Attributes = _conversation.Caller };
        return RoleTurns.Options(role, context, BoundTool.Usable(role.Tools), role.Slug);
    }

    private void Begin(GoldenTurn turn)
    {
        _turn = turn;
        _asked = Now;
        _answer = new GoldenAnswer();
    }

    // Until the agent has listened for a moment with nothing under way.
    private async Task RunAsync(CancellationToken cancellation)
    {
        var limit = _asked + Patience;
        TimeSpan? quietSince = null;
        while (true)
        {
            await OpenSessionsAsync(cancellation).ConfigureAwait(false);
            Drain();
            var isAtRest = _machine.State == CallState.Ended || (_machine.State == CallState.Listening && !_hungUp);
            var quiet = isAtRest && _playout.IsIdle && _pending.Count == 0;
            quietSince = quiet ? quietSince ?? Now : null;
            if (quietSince + Rest <= Now)
            {
                return;
            }

            if (Now >= limit)
            {
                _answer.Complete = false;
                return;
            }

            await WaitUntilAsync(Earliest(limit, quietSince + Rest), cancellation).ConfigureAwait(false);
            Step();
        }
    }

    private TimeSpan Earliest(TimeSpan limit, TimeSpan? settled)
    {
        var next = limit;
        foreach (var candidate in _sessions.Values.Select(session => session.NextDeadline)
            .Append(_machine.NextDeadline).Append(_playout.NextDeadline).Append(settled)
            .Append(_pending.TryPeek(out _, out var due) ? due : null))
        {
            next = candidate < next ? candidate.Value : next;
        }

        return next > Now ? next : Now;
    }

    private async Task WaitUntilAsync(TimeSpan at, CancellationToken cancellation)
    {
        if (_model.IsVirtual)
        {
            _virtual = at;
            return;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var signals = _sessions.Values.Select(session => session.WaitAsync(waiting.Token)).Append(Task.Delay(at - Now, waiting.Token))
            .ToList();
        await Task.WhenAny(signals).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }

    private void Step()
    {
        foreach (var session in _sessions.Values)
        {
            session.Advance(Now);
        }

        while (_pending.TryPeek(out var input, out var due) && due <= Now)
        {
            _pending.Dequeue();
            Feed(input);
        }

        while (_playout.TryTakeFinished(Now, out var track, out var milliseconds))
        {
            Feed(new TurnInput.PlayoutReported(track, milliseconds, PlayoutSource.Server));
            Feed(new TurnInput.PlayoutFinished(track));
        }

        _machine.Advance(Now, _commands);
        Execute();
    }

    private void Drain()
    {
        for (var any = true; any;)
        {
            any = false;
            foreach (var (number, session) in _sessions.ToArray())
            {
                while (session.TryRead(out var read))
                {
                    any = true;
                    if (read is ModelEvent.Error error)
                    {
                        _answer.Problems.Add($"the model refused a command: {error.Message}");
                    }

                    Feed(new TurnInput.ModelEventReceived(number, read!));
                }
            }
        }
    }

    private async Task OpenSessionsAsync(CancellationToken cancellation)
    {
        while (_opening.Count > 0)
        {
            var number = _opening[0];
            _opening.RemoveAt(0);
            _sessions[number] = await _model.OpenAsync(Now, _role, cancellation).ConfigureAwait(false);
            Feed(new TurnInput.SessionOpened(number, null) { Habits = _sessions[number].Habits });
        }
    }

    private void Feed(TurnInput input)
    {
        _machine.Handle(Now, input, _commands);
        Execute();
    }

    private void Execute()
    {
        while (_commands.Count > 0)
        {
            var batch = _commands.ToArray();
            _commands.Clear();
            Array.ForEach(batch, Execute);
        }
    }

    private void Execute(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(var number, var what) when _sessions.TryGetValue(number, out var session):
                session.Send(Now, what);
                break;
            case TurnCommand.OpenSession(var number, _):
                _opening.Add(number);
                break;
            case TurnCommand.CloseSession(var number):
                if (_sessions.Remove(number, out var closed))
                {
                    _closed.Add(closed);
                }

                break;
            case TurnCommand.PlayAudio(var track, _, var pcm):
                _answer.Delay ??= Now - _asked;
                _playout.Append(Now, track, TimeSpan.FromSeconds(pcm.Length / 48_000.0));
                break;
            case TurnCommand.FinishPlayout(var track):
                _playout.Finish(track);
                break;
            case TurnCommand.ClearPlayout:
                var (playing, heard) = _playout.Clear(Now);
                Feed(new TurnInput.PlayoutCleared(playing, heard));
                break;
            case TurnCommand.CheckOutcome(var json):
                Check(json);
                break;
            case TurnCommand.InvokeTool(var callId, var name, var arguments):
                Invoke(callId, name, arguments);
                break;
            case TurnCommand.ShowTranscript({ Speaker: Speaker.Agent } line):
                _answer.Lines[line.ItemId] = line.Text;
                break;
            case TurnCommand.WithdrawTranscript(var item):
                _answer.Lines.Remove(item);
                break;
            case TurnCommand.RefuseTool(_, var refusal):
                _answer.Problems.Add($"tool_refused: {refusal}");
                break;
            case TurnCommand.SettleOptions(_, { } refusal):
                _answer.Problems.Add($"role_refused: {refusal}");
                break;
            case TurnCommand.ReportProblem(var code, var message):
                _answer.Problems.Add($"{code}: {message}");
                break;
        }
    }

    private void Check(string json)
    {
        var errors = "";
        if (_role.Outcome?.TryRead(json, out var outcome, out errors) == true)
        {
            _outcome = outcome;
        }

        _pending.Enqueue(new TurnInput.OutcomeChecked(errors), Now);
    }

    private void Invoke(string callId, string name, string json)
    {
        var readable = TryParse(json, out var arguments);
        if (!readable)
        {
            _answer.Problems.Add($"the arguments of {name} are no JSON: {json}");
        }

        var turn = _answer.Calls.Count(call => call.Name == name);
        _answer.Calls.Add((name, arguments));
        var scripted = _turn.Calls?.Where(call => call.Name == name).Skip(turn).FirstOrDefault()?.Result ?? default;
        var result = scripted.ValueKind == JsonValueKind.Undefined ? Default(name, arguments) : scripted;
        _pending.Enqueue(new TurnInput.ToolCompleted(callId, result.GetRawText(), !readable), Now + ToolTime);
    }

    // The answers of the host's own tools; any other answers a plain success.
    private JsonElement Default(string name, JsonElement arguments)
    {
        switch (name)
        {
            case "show":
                _answer.Shown.Add(arguments.GetRawText());
                return JsonSerializer.SerializeToElement(new { shown = true });
            case "save":
                return JsonSerializer.SerializeToElement(new { saved = true });
            case "transfer" when arguments.TryGetProperty("role", out var slug) && _roles.Find(slug.GetString() ?? "") is { } next:
                _role = next;
                _pending.Enqueue(new TurnInput.RoleChanged(Options(next)), Now + (ToolTime / 2));
                return JsonSerializer.SerializeToElement(new { transferred = next.Slug });
            default:
                return JsonSerializer.SerializeToElement(new { ok = true });
        }
    }

    private static bool TryParse(string json, out JsonElement value)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            value = document.RootElement.Clone();
            return value.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            value = JsonSerializer.SerializeToElement(new { });
            return false;
        }
    }
}
