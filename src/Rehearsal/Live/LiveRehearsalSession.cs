using System.Text;
using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// One session of the rehearsal model in the Live protocol (<c>/v1/live/sessions</c>) as a pure core: client events in, server
/// events out, time as an argument. <c>now</c> is the time since an arbitrary origin and never goes back. After every call, take
/// the outputs until there is none, and call <see cref="Advance"/> at the deadline it last gave.
/// </summary>
/// <remarks>
/// The session's timeline, in milliseconds since <c>session.started</c>, moves only with input audio: 100 ms of it give one
/// <c>session.output_audio.delta</c>. Appends are placed on the timeline too, so a client that sends no audio gets no acknowledgement.
/// </remarks>
public sealed class LiveRehearsalSession : IScriptedSession
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(300);

    // Measured with a long history: up to 1.2 s.
    private static readonly TimeSpan HistoryTime = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan UsageInterval = TimeSpan.FromSeconds(15);
    private static readonly string[] Models = ["gpt-live-1", "gpt-live-1.1"];
    private const string OwnModels = "rehearsal/";
    private const int ContextTokens = 128_000;

    private readonly Func<string, RehearsalScript?> _scripts;
    private readonly RehearsalIds _ids;
    private readonly ServerEvents _outputs;
    private readonly LiveEvents _events;
    private readonly SessionTimers _timers = new();
    private readonly ReplyPlanner _planner;
    private readonly LiveInference _inference;
    private readonly LiveLife _life;
    private readonly string _id;
    private LiveConfig? _config;
    private LiveBackend? _backend;
    private bool _started;
    private int _refused;

    /// <summary>Creates the session; nothing happens until <see cref="Open"/>.</summary>
    /// <param name="scripts">
    /// The script for the model of <c>session.start</c>: <c>gpt-live-1</c>, <c>gpt-live-1.1</c> or <c>rehearsal/NAME</c>; null: no
    /// such model.
    /// </param>
    /// <param name="speech">This session's speech detector.</param>
    /// <param name="faults">Faults at the start.</param>
    /// <param name="cap">Life of the session.</param>
    /// <param name="seed">Seed of the ids and of the placement of appends; equal seeds and inputs give equal outputs.</param>
    public LiveRehearsalSession(
        Func<string, RehearsalScript?> scripts, SpeechLevel speech, RehearsalFaults faults, TimeSpan cap, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(speech);
        ArgumentNullException.ThrowIfNull(faults);
        _scripts = scripts;
        _ids = new RehearsalIds(seed);
        _outputs = new ServerEvents(_ids) { Faults = faults };
        _events = new LiveEvents(_outputs);
        _planner = new ReplyPlanner(_ids) { Script = new RehearsalScript() };
        _inference = new LiveInference(_events, _ids, _planner, speech);
        _life = new LiveLife(_outputs, cap);
        _id = _ids.Next("live");
    }

    /// <summary>The model that <c>session.start</c> named; null before it.</summary>
    public string? Model => _config?.Model;

    /// <summary>The script of what the model hears and says from now on; an empty one before <c>session.start</c>.</summary>
    public RehearsalScript Script
    {
        get => _planner.Script;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _planner.Script = value;
        }
    }

    /// <summary>Faults from now on.</summary>
    public RehearsalFaults Faults
    {
        get => _outputs.Faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _outputs.Faults = value;
            _refused = 0;
            _backend?.ForgetFailures();
        }
    }

    /// <summary>True once a <see cref="RehearsalOutput.Close"/> or <see cref="RehearsalOutput.Drop"/> was put out.</summary>
    public bool Ended => _outputs.Ended;

    /// <summary>Opens the connection; the service is silent until <c>session.start</c>.</summary>
    /// <param name="now">The connection's start.</param>
    /// <param name="wallClock">Wall clock at <paramref name="now"/>; <c>expires_at</c> counts from it.</param>
    public void Open(TimeSpan now, DateTimeOffset wallClock) => _life.Open(now, wallClock);

    /// <summary>Takes one client message (UTF-8 JSON, hostile until parsed); what is wrong with it becomes an <c>error</c> event.</summary>
    public void Receive(TimeSpan now, ReadOnlyMemory<byte> utf8)
    {
        Advance(now);
        if (Ended)
        {
            return;
        }

        if (_started && AppendReader.TryRead(utf8.Span, "session.input_audio.append"u8, out var base64))
        {
            if (Append(now, base64) is { } refused)
            {
                _events.Error(refused, null);
            }

            return;
        }

        if (!ClientMessage.TryParse(utf8, out var document))
        {
            _events.Error(ServiceError.NotJson(), null);
            return;
        }

        using (document)
        {
            var root = document.RootElement;
            var eventId = root.ValueKind == JsonValueKind.Object ? JsonText.Of(root, "event_id") : null;
            if (Check(now, root, eventId) is { } error)
            {
                _events.Error(error, eventId);
            }
        }

        Advance(now);
    }

    /// <summary>Takes the speech asked for by <see cref="RehearsalOutput.Speak"/>; 24 kHz mono PCM16, kept, not copied.</summary>
    public void Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm)
    {
        if (!Ended)
        {
            _inference.Spoken(request, pcm);
        }
    }

    /// <summary>Does what is due and returns when it wants to be called again; null: only after the next input.</summary>
    public TimeSpan? Advance(TimeSpan now)
    {
        if (Ended)
        {
            return null;
        }

        var before = _life.Plan().At;
        _timers.Run(before < now ? before : now);
        var (at, how) = _life.Plan();
        if (at <= now)
        {
            Finish(how);
        }

        return Ended ? null : _timers.Next is { } next && next < at ? next : at;
    }

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTake(out RehearsalOutput output) => _outputs.TryTake(out output);

    private ServiceError? Check(TimeSpan now, JsonElement root, string? eventId)
    {
        var starts = root.ValueKind == JsonValueKind.Object && JsonText.Of(root, "type") == "session.start";
        if (_config is null && !starts && root.ValueKind == JsonValueKind.Object)
        {
            return LiveErrors.NotStarted();
        }

        var wrong = (starts ? LiveConfig.CheckVoice(root) : null) ?? ClientEventSchemas.Live.Check(root, out var type);
        return wrong ?? Handle(now, JsonText.Of(root, "type")!, root, eventId);
    }

    private ServiceError? Handle(TimeSpan now, string type, JsonElement root, string? eventId)
    {
        if (type == "session.start")
        {
            return _config is null ? Start(now, root.GetProperty("session"), eventId) : LiveErrors.StartedAlready();
        }

        if (!_started)
        {
            // Audio that comes too early is lost without a word.
            return type == "session.input_audio.append" ? null : LiveErrors.Starting();
        }

        switch (type)
        {
            case "session.input_audio.append":
                return Append(now, Encoding.UTF8.GetBytes(root.GetProperty("audio").GetString()!));
            case "session.input_audio.mute" or "session.input_audio.unmute":
                _inference.Muted = type == "session.input_audio.mute";
                _events.Answer(_inference.Muted ? "session.input_audio.muted"u8 : "session.input_audio.unmuted"u8, eventId);
                return null;
            case "session.update":
                return Update(root.GetProperty("session"), eventId);
            case "session.instructions.append" or "session.thinking.append" or "session.commentary.append":
                return AddContext(type, root, eventId);
            case "session.output_audio.fixture.play":
                return _inference.Play(root, eventId);
            case "response.item.create" or "response.create" when _backend is null:
                return LiveErrors.NeedsResponses(type);
            case "response.item.create":
                return _backend.CreateItem(root.GetProperty("item"));
            case "response.create":
                return _backend.Create(now);
            case "session.close":
                Close("close_requested", eventId);
                return null;
            default:
                return LiveErrors.NeedsDecisions(type);
        }
    }

    private ServiceError? Start(TimeSpan now, JsonElement session, string? eventId)
    {
        var model = session.GetProperty("model").GetString()!;
        var script = Models.Contains(model) || model.StartsWith(OwnModels, StringComparison.Ordinal) ? _scripts(model) : null;
        if (script is null)
        {
            return ServiceError.NoSuchModel(model) with { Param = "session.model" };
        }

        if (LiveConfig.Read(session, out var config) is { } error)
        {
            return error;
        }

        if (Faults.StartError is { } code)
        {
            _life.Refuse(now);
            return LiveErrors.Asked(code);
        }

        _planner.Script = script;
        _config = config;
        var history = config.History.ToList();
        var takes = Faults.StartDelaySeconds is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : StartTime + (HistoryTime * history.Count / LiveConfig.MaxHistory);
        _timers.Add(now + takes, at => Begin(at, config, history, eventId));
        return null;
    }

    private void Begin(TimeSpan now, LiveConfig config, List<(string Role, string Text)> history, string? eventId)
    {
        _backend = !config.Responses ? null : new LiveBackend(_ids, _events, _timers, _planner, config, _life.UnixSeconds)
        {
            Say = _inference.Mind.Say, Delegated = _inference.Mind.Tell,
        };
        _inference.Begin(config, _backend);
        foreach (var (role, text) in history)
        {
            _inference.Remember(role, text);
            _backend?.Remember(role, text);
        }

        _started = true;
        _life.Start(now);
        config.Write(_events.BeginAnswer("session.started"u8, eventId), _id, _life.ExpiresAt);
        _events.End();
        _timers.Add(now + UsageInterval, TellUsage);
    }

    private void TellUsage(TimeSpan now)
    {
        var json = _events.Begin("session.usage.updated"u8);
        WriteUsage(json);
        json.WriteStartObject("context_window"u8);
        var tokens = RehearsalUsage.Text((_config!.Instructions?.Length ?? 0) + _inference.Characters);
        json.WriteNumber("usage_ratio"u8, Math.Round((double)tokens / ContextTokens, 6));
        json.WriteEndObject();
        _events.End();
        _timers.Add(now + UsageInterval, TellUsage);
    }

    private ServiceError? Update(JsonElement session, string? eventId)
    {
        if (Faults.RefuseUpdates < 0 || _refused < Faults.RefuseUpdates)
        {
            _refused++;
            return ServiceError.Asked(Faults.RefuseCode, Faults.RefuseParam);
        }

        if (_config!.Update(session) is { } error)
        {
            return error;
        }

        _config.Write(_events.BeginAnswer("session.updated"u8, eventId), _id, _life.ExpiresAt);
        _events.End();
        return null;
    }

    private ServiceError? AddContext(string type, JsonElement root, string? eventId)
    {
        if (_inference.PlaysFixture)
        {
            return LiveErrors.AppendDuringFixture();
        }

        if (JsonText.Of(root, "delegation_id") is { } delegation)
        {
            if (_backend is not null)
            {
                return LiveErrors.ForeignDelegation();
            }

            if (!_inference.Mind.Knows(delegation))
            {
                return LiveErrors.NoSuchDelegation(delegation);
            }
        }

        var kind = type switch
        {
            "session.instructions.append" => LiveAppends.Kind.Instructions,
            "session.thinking.append" => LiveAppends.Kind.Thinking,
            _ => LiveAppends.Kind.Commentary,
        };
        return _inference.Add(new LiveAppends.Append(kind, root.GetProperty("content").GetString()!, eventId));
    }

    private ServiceError? Append(TimeSpan now, ReadOnlySpan<byte> base64)
    {
        var error = _inference.Hear(now, base64);
        if (error is null)
        {
            _life.Hear(now);
        }

        return error;
    }

    private void Finish(LiveLife.End how)
    {
        switch (how)
        {
            case LiveLife.End.Drop:
                _outputs.Drop();
                break;
            case LiveLife.End.Close:
                if (Faults.CloseError is { } code)
                {
                    _events.Error(LiveErrors.Asked(code), null);
                }

                _outputs.Close(
                    Faults.CloseCode,
                    Faults.CloseError is { } why ? $"{ServiceError.InvalidRequest}.{why}" : "Closed by request of a fault.");
                break;
            default:
                Close(how == LiveLife.End.Content ? "content" : "expired", null);
                break;
        }
    }

    private void Close(string reason, string? eventId)
    {
        if (_started)
        {
            _inference.Close();
            var json = _events.BeginAnswer("session.closed"u8, eventId);
            json.WriteString("reason"u8, reason);
            _config!.Write(json, _id, _life.ExpiresAt);
            WriteUsage(json);
            _events.End();
        }

        _outputs.Close(1000, reason);
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("seconds"u8, _inference.Position / 1000);
        json.WriteEndObject();
    }
}
