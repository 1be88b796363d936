using Bridge.Realtime.Model;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The plan for a response of the <see cref="StrictModel"/>.</summary>
public sealed record Plan
{
    public string Text { get; init; } = "";

    public int AudioMs { get; init; }

    public int DeltaMs { get; init; } = 400;

    public IReadOnlyList<(string CallId, string Name, string Arguments)> Calls { get; init; } = [];

    public bool Fails { get; init; }

    /// <summary>The text is written, though audio was asked for.</summary>
    public bool Writes { get; init; }

    /// <summary>Nothing comes of it, not even <c>response.created</c>.</summary>
    public bool Hangs { get; init; }

    /// <summary>Nothing comes of it after <c>response.created</c>.</summary>
    public bool Thinks { get; init; }
}

/// <summary>
/// A model session in typed form, as strict as the service: it refuses what the service refuses and remembers that it did.
/// It moves only when stepped, so that a test decides every interleaving.
/// </summary>
public sealed class StrictModel(int number, Func<ModelCommand.CreateResponse, Plan> plans, bool stampedIds = true)
{
    /// <summary>The error that answers an update, as code and param; null: it is taken. A param of "silence" leaves it unanswered.</summary>
    public Func<SessionSettings, (string Code, string? Param, string Message)?> Updates { get; init; } = _ => null;

    /// <summary>The session's settings: the last update that was taken.</summary>
    public SessionSettings? Settings { get; private set; }

    private readonly Queue<Func<bool>> _steps = new();
    private readonly Queue<Func<bool>> _sideSteps = new();
    private readonly List<ModelItem> _items = [];
    private readonly Dictionary<string, int> _audio = [];
    private int _ids;
    private Active? _active;
    private Active? _side;

    private sealed record Active(string Id, string? Tag, List<ModelItem> Output)
    {
        public string? Open { get; set; }
    }

    public Queue<ModelEvent> Events { get; } = new();

    public List<string> Refusals { get; } = [];

    /// <summary>False: <c>item_reference</c> in the input of a response is refused.</summary>
    public bool TakesReferences { get; set; } = true;

    /// <summary>Cancels that met a response already ended on their way: no client can avoid these.</summary>
    public int Crossings { get; private set; }

    public IReadOnlyList<ModelItem> Items => _items;

    public bool Configured { get; private set; }

    public string? Voice { get; private set; }

    public bool SpokeAudio { get; private set; }

    public int MaxActive { get; private set; }

    public bool IsActive => _active is not null;

    public string? ActiveId => _active?.Id;

    public bool CanStep => _steps.Count > 0;

    public bool CanStepSide => _sideSteps.Count > 0;

    public List<ModelCommand> Received { get; } = [];

    private string NewId(string kind) => stampedIds ? $"{kind}_{number}_{++_ids}" : $"{kind}_{++_ids}";

    public void Receive(ModelCommand command)
    {
        Received.Add(command);
        switch (command)
        {
            case ModelCommand.UpdateSession(var settings, _):
                if (Updates(settings) is var (code, param, message))
                {
                    if (param != "silence")
                    {
                        Events.Enqueue(new ModelEvent.Error("invalid_request_error", code, message, param, command.Id));
                    }

                    return;
                }

                if (Configured && SpokeAudio && settings.Voice is not null && settings.Voice != Voice)
                {
                    Refuse(command, "cannot_update_voice");
                    return;
                }

                Configured = true;
                Settings = settings;
                Voice = settings.Voice ?? Voice;
                Events.Enqueue(new ModelEvent.SessionUpdated());
                break;
            case ModelCommand.CreateItem(var item, var previous):
                Create(command, item, previous);
                break;
            case ModelCommand.DeleteItem(var id):
                if (_items.RemoveAll(i => i.Id == id) == 0 || _active?.Open == id)
                {
                    Refuse(command, "item_not_found " + id);
                    return;
                }

                Events.Enqueue(new ModelEvent.ItemDeleted(id));
                break;
            case ModelCommand.TruncateItem(var id, var content, var end):
                Truncate(command, id, content, end);
                break;
            case ModelCommand.CreateResponse create:
                Respond(create);
                break;
            case ModelCommand.CancelResponse(var id):
                if (_active is null || (id is not null && id != _active.Id))
                {
                    if (id is not null && _done.Contains(id))
                    {
                        Crossings++;
                        Events.Enqueue(new ModelEvent.Error("invalid_request_error", "response_cancel_not_active", "", null, command.Id));
                        return;
                    }

                    Refuse(command, "response_cancel_not_active");
                    return;
                }

                _steps.Clear();
                Finish("cancelled", "client_cancelled");
                break;
            case ModelCommand.CommitInput:
                var user = NewId("item");
                Commit(user);
                break;
            case ModelCommand.ClearInput:
                Events.Enqueue(new ModelEvent.InputCleared());
                break;
        }
    }

    private readonly HashSet<string> _done = [];

    public string SpeechStarts(int atMs)
    {
        var id = NewId("item");
        Events.Enqueue(new ModelEvent.SpeechStarted(id, atMs));
        return id;
    }

    public void SpeechStops(string id, int atMs)
    {
        Events.Enqueue(new ModelEvent.SpeechStopped(id, atMs));
        Commit(id);
    }

    public void Transcribe(string id, string text) =>
        Events.Enqueue(new ModelEvent.InputTranscriptCompleted(id, 0, text, default));

    public void Step() => RunStep(_steps);

    public void StepSide() => RunStep(_sideSteps);

    private static void RunStep(Queue<Func<bool>> steps)
    {
        if (steps.TryDequeue(out var step))
        {
            step();
        }
    }

    private void Commit(string id)
    {
        var previous = _items.Count > 0 ? _items[^1].Id : null;
        _items.Add(new ModelItem(id, ModelItemKind.UserMessage) { IsAudio = true });
        Events.Enqueue(new ModelEvent.InputCommitted(id, previous));
        Events.Enqueue(new ModelEvent.ItemAdded(previous, _items[^1]));
    }

    private void Create(ModelCommand command, ModelItem item, string? previous)
    {
        var at = previous is null ? _items.Count : _items.FindIndex(i => i.Id == previous) + 1;
        if (_items.Exists(i => i.Id == item.Id) || (previous is not null && at == 0))
        {
            Refuse(command, "item exists or previous unknown: " + item.Id);
            return;
        }

        if (item.Kind == ModelItemKind.FunctionOutput
            && _items.Count(i => i.Kind == ModelItemKind.FunctionCall && i.CallId == item.CallId) <= _items.Count(i => i.Kind == ModelItemKind.FunctionOutput && i.CallId == item.CallId))
        {
            Refuse(command, "no call, or answered twice: " + item.CallId);
            return;
        }

        _items.Insert(at, item);
        Events.Enqueue(new ModelEvent.ItemAdded(at > 0 ? _items[at - 1].Id : null, item));
    }

    private void Truncate(ModelCommand command, string id, int content, int end)
    {
        if (!_audio.TryGetValue(id, out var generated) || content != 0 || end <= 0 || end > generated)
        {
            Refuse(command, $"truncate {id} at {end} of {(_audio.TryGetValue(id, out var g) ? g : -1)}");
            return;
        }

        _audio[id] = end;
        Events.Enqueue(new ModelEvent.ItemTruncated(id, content, end));
    }

    private void Respond(ModelCommand.CreateResponse create)
    {
        var settings = create.Settings;
        if (settings?.OutOfBand == true)
        {
            if (_side is not null)
            {
                Refuse(create, "two out-of-band responses");
                return;
            }

            if (settings.Input?.FirstOrDefault(i => i.Kind == ModelItemKind.Reference && !_items.Exists(known => known.Id == i.Id)) is { } gone)
            {
                Refuse(create, "no such item in the input: " + gone.Id);
                return;
            }

            if (!TakesReferences && settings.Input?.Any(i => i.Kind == ModelItemKind.Reference) == true)
            {
                Events.Enqueue(new ModelEvent.Error("invalid_request_error", "invalid_value", "", "response.input[0].type", create.Id));
                return;
            }

            var plan = plans(create);
            _side = new Active(NewId("resp"), settings.Tag, []);
            if (plan.Hangs)
            {
                return;
            }

            _sideSteps.Enqueue(() => Say(new ModelEvent.ResponseCreated(_side.Id, _side.Tag)));
            if (plan.Thinks)
            {
                return;
            }

            _sideSteps.Enqueue(() =>
            {
                var side = _side;
                _side = null;
                var output = plan.Calls is [var (callId, name, arguments), ..]
                    ? new ModelItem(NewId("side"), ModelItemKind.FunctionCall) { CallId = callId, Name = name, Arguments = arguments }
                    : new ModelItem(NewId("side"), ModelItemKind.AgentMessage) { Text = plan.Text };
                return Say(new ModelEvent.ResponseDone(side.Id, plan.Fails ? "failed" : "completed", null, plan.Fails ? [] : [output], default, side.Tag));
            });
            return;
        }

        if (_active is not null)
        {
            Refuse(create, "conversation_already_has_active_response");
            return;
        }

        _active = new Active(NewId("resp"), settings?.Tag, []);
        MaxActive = 1;
        Perform(plans(create), settings?.AllowTools != false);
    }

    private bool Say(ModelEvent what)
    {
        Events.Enqueue(what);
        return true;
    }

    private void Perform(Plan plan, bool tools)
    {
        var active = _active!;
        _steps.Enqueue(() => Say(new ModelEvent.ResponseCreated(active.Id, active.Tag)));
        if (plan.Hangs)
        {
            _steps.Clear();
            return;
        }

        if (plan.Thinks)
        {
            return;
        }

        if (plan.Writes)
        {
            var id = NewId("item");
            _steps.Enqueue(() => Begin(active, new ModelItem(id, ModelItemKind.AgentMessage) { Status = "in_progress" }));
            _steps.Enqueue(() => Say(new ModelEvent.TextDelta(active.Id, id, 0, plan.Text)));
            _steps.Enqueue(() => Say(new ModelEvent.TextDone(active.Id, id, 0, plan.Text)) && End(active, new ModelItem(id, ModelItemKind.AgentMessage) { Text = plan.Text, Status = "completed" }));
        }
        else if (plan.AudioMs > 0)
        {
            PerformSpeech(plan, active);
        }

        if (tools)
        {
            foreach (var (callId, name, arguments) in plan.Calls)
            {
                PerformCall(active, callId, name, arguments);
            }
        }

        _steps.Enqueue(() =>
        {
            Finish(plan.Fails ? "failed" : "completed", plan.Fails ? "server_error" : null);
            return true;
        });
    }

    private void PerformSpeech(Plan plan, Active active)
    {
        var id = NewId("item");
        _steps.Enqueue(() => Begin(active, new ModelItem(id, ModelItemKind.AgentMessage) { IsAudio = true, Status = "in_progress" }));
        for (var at = 0; at < plan.AudioMs; at += plan.DeltaMs)
        {
            var (from, length) = (at, Math.Min(plan.DeltaMs, plan.AudioMs - at));
            _steps.Enqueue(() =>
            {
                var text = plan.Text[Cut(plan, from)..Cut(plan, from + length)];
                if (text.Length > 0)
                {
                    Say(new ModelEvent.AudioTranscriptDelta(active.Id, id, 0, text));
                }

                _audio[id] = from + length;
                SpokeAudio = true;
                return Say(new ModelEvent.AudioDelta(active.Id, id, 0, Silence.AsMemory(0, length * 48)));
            });
        }

        _steps.Enqueue(() =>
        {
            Say(new ModelEvent.AudioDone(active.Id, id, 0));
            Say(new ModelEvent.AudioTranscriptDone(active.Id, id, 0, plan.Text));
            return End(active, new ModelItem(id, ModelItemKind.AgentMessage) { IsAudio = true, Text = plan.Text, Status = "completed" });
        });
    }

    private static readonly byte[] Silence = new byte[60_000 * 48];

    private static int Cut(Plan plan, int ms) => (int)((long)plan.Text.Length * Math.Min(ms, plan.AudioMs) / plan.AudioMs);

    private void PerformCall(Active active, string callId, string name, string arguments)
    {
        var id = NewId("item");
        var item = new ModelItem(id, ModelItemKind.FunctionCall) { CallId = callId, Name = name, Arguments = "", Status = "in_progress" };
        _steps.Enqueue(() => Begin(active, item));
        _steps.Enqueue(() =>
        {
            Say(new ModelEvent.FunctionArgumentsDone(active.Id, id, callId, name, arguments));
            return End(active, item with { Arguments = arguments, Status = "completed" });
        });
    }

    private bool Begin(Active active, ModelItem item)
    {
        var previous = _items.Count > 0 ? _items[^1].Id : null;
        active.Open = item.Id;
        active.Output.Add(item);
        _items.Add(item);
        Say(new ModelEvent.OutputItemAdded(active.Id, item));
        return Say(new ModelEvent.ItemAdded(previous, item));
    }

    private bool End(Active active, ModelItem item)
    {
        active.Open = null;
        active.Output[active.Output.FindIndex(i => i.Id == item.Id)] = item;
        _items[_items.FindIndex(i => i.Id == item.Id)] = item;
        return Say(new ModelEvent.OutputItemDone(active.Id, item));
    }

    private void Finish(string status, string? reason)
    {
        var active = _active!;
        if (active.Open is { } open)
        {
            var at = active.Output.FindIndex(i => i.Id == open);
            End(active, active.Output[at] with { Status = "incomplete" });
        }

        _active = null;
        _steps.Clear();
        _done.Add(active.Id);
        Say(new ModelEvent.ResponseDone(active.Id, status, reason, active.Output, new ModelUsage(10, 20, 0, 0, 0, 0, 5, 50), active.Tag));
    }

    private void Refuse(ModelCommand command, string why)
    {
        Refusals.Add($"{command.GetType().Name}: {why}");
        Events.Enqueue(new ModelEvent.Error("invalid_request_error", why.Split(' ')[0], why, null, command.Id));
    }
}
