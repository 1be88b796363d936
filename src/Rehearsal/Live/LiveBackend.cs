using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// The Responses backend of a session with Responses delegation. It is one chain: a question that comes while a function call is
/// open waits until the chain went on (observed).
/// </summary>
internal sealed class LiveBackend(
    RehearsalIds ids, LiveEvents events, SessionTimers timers, ReplyPlanner planner, LiveConfig config, Func<TimeSpan, long> clock)
{
    /// <summary>Most items that wait for <c>response.create</c>.</summary>
    public const int MaxItems = 128;

    /// <summary>Most bytes of them.</summary>
    public const int MaxBytes = 32_768;

    // A session's questions that wait: more than anyone asks while a tool works.
    private const int MaxHeld = 16;

    private static readonly TimeSpan DefaultThinking = TimeSpan.FromMilliseconds(120);

    private readonly LiveItems _items = new();
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _held = new();
    private LiveNested? _running;
    private string? _delegation;
    private string? _previous;
    private int _failed;
    private int _buffered;
    private int _bufferedBytes;

    /// <summary>Says a result.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>Tells of a delegation, by its id and its first response's.</summary>
    public required Action<string, string> Delegated { get; init; }

    /// <summary>New faults fail their responses from the first on.</summary>
    public void ForgetFailures() => _failed = 0;

    /// <summary>Adds a message of the history.</summary>
    public void Remember(string role, string text) => _items.AddText(ids.Next("msg"), role, text);

    /// <summary>Takes work that the live model delegates: what the person asked.</summary>
    public void Delegate(TimeSpan now, string question)
    {
        if (_running is not null || _open.Count > 0)
        {
            if (_held.Count < MaxHeld)
            {
                _held.Enqueue(question);
            }

            return;
        }

        _items.AddText(ids.Next("msg"), "user", question);
        Start(now, delegated: true);
    }

    /// <summary><c>response.item.create</c>: has no answer of its own.</summary>
    public ServiceError? CreateItem(JsonElement item)
    {
        var bytes = item.GetRawText().Length;
        if (_buffered + 1 > MaxItems || _bufferedBytes + bytes > MaxBytes)
        {
            return LiveErrors.BufferFull();
        }

        switch (JsonText.Of(item, "type"))
        {
            case "function_call_output":
                var callId = JsonText.Of(item, "call_id") ?? "";
                if (!_open.Remove(callId))
                {
                    return LiveErrors.NoSuchCall(callId);
                }

                _items.Add(new RehearsalItem
                {
                    Id = ids.Next("fco"), Type = "function_call_output", CallId = callId, Value = TextOf(item, "output"),
                });
                break;
            case "message" or null when JsonText.Of(item, "role") is { } role:
                _items.AddText(ids.Next("msg"), role, TextOf(item, "content"));
                break;
        }

        _buffered++;
        _bufferedBytes += bytes;
        return null;
    }

    /// <summary><c>response.create</c>: asks the backend, or goes on after the outputs of its calls.</summary>
    public ServiceError? Create(TimeSpan now)
    {
        if (_open.Count > 0)
        {
            return LiveErrors.OutputsRequired();
        }

        if (_running is not null)
        {
            return LiveErrors.ResponseRuns();
        }

        (_buffered, _bufferedBytes) = (0, 0);
        Start(now, delegated: false);
        return null;
    }

    // Text, or the text parts of a list.
    private static string TextOf(JsonElement item, string name) =>
        !item.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : value.ValueKind == JsonValueKind.Array
            ? string.Join(' ', value.EnumerateArray().Select(part => JsonText.Of(part, "text")).Where(text => text is not null))
            : "";

    private void Start(TimeSpan now, bool delegated)
    {
        var plan = planner.Plan(
            new ReplyPlanner.Request(_items.All, false, false, null, config.Backend("tools"), config.Backend("tool_choice")));
        if (delegated && plan.Exists(part => part is ReplyPart.Call))
        {
            // The live model has said so already.
            plan.RemoveAll(part => part is ReplyPart.Line);
        }

        var response = new LiveNested(
            events, ids, config, delegated ? ids.Next("item") : _delegation, _previous, clock(now));
        _running = response;
        if (delegated)
        {
            _delegation = response.Delegation;
            Delegated(response.Delegation!, response.Id);
        }

        response.Snapshot("response.created"u8, "in_progress");
        response.Snapshot("response.in_progress"u8, "in_progress");
        var thinking = events.Faults.ThinkSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultThinking;
        timers.Add(now + thinking, at => Finish(at, response, plan));
    }

    private void Finish(TimeSpan now, LiveNested response, List<ReplyPart> plan)
    {
        _running = null;
        if (events.Faults.FailResponses < 0 || _failed < events.Faults.FailResponses)
        {
            _failed++;
            response.Snapshot("response.failed"u8, "failed", failure: events.Faults.FailCode);
            Next(now);
            return;
        }

        response.Reasoning();
        var input = RehearsalUsage.Text(_items.Characters + (JsonTextLength("instructions") + JsonTextLength("tools")));
        var output = 0;
        foreach (var part in plan)
        {
            output += Write(response, part);
        }

        response.Snapshot("response.completed"u8, "completed", (input, output));
        _previous = response.Id;
        Next(now);
    }

    private int JsonTextLength(string setting) => config.Backend(setting)?.GetRawText().Length ?? 0;

    private int Write(LiveNested response, ReplyPart part)
    {
        if (part is ReplyPart.Call call)
        {
            var callId = events.Faults.RepeatCallIds ? "call_0" : call.CallId;
            response.Call(call, callId);
            _open.Add(callId);
            _items.Add(new RehearsalItem
            {
                Id = ids.Next("fc"), Type = "function_call", Name = call.Name, CallId = callId, Value = call.Arguments,
            });
            return RehearsalUsage.Text(call.Name.Length + call.Arguments.Length);
        }

        var line = (ReplyPart.Line)part;
        response.Message(line.Text);
        _items.AddText(ids.Next("msg"), "assistant", line.Text);
        Say(line.Text);
        return RehearsalUsage.Text(line.Text.Length);
    }

    // The question that waited longest is next, once nothing is open.
    private void Next(TimeSpan now)
    {
        if (_open.Count == 0 && _held.TryDequeue(out var question))
        {
            Delegate(now, question);
        }
    }
}
