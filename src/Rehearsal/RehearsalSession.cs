using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>
/// One session of the rehearsal model as a pure core: client events in, server events out, time as an argument.
/// <c>now</c> is the time since an arbitrary origin and never goes back. After every call, take the outputs until
/// there is none, and call <see cref="Advance"/> at the deadline it last gave.
/// </summary>
public sealed partial class RehearsalSession
{
    private static readonly TimeSpan RemoteToolsTimeout = TimeSpan.FromMilliseconds(200);
    private readonly HashSet<string> _remoteServers = [];
    private readonly TimeSpan _cap;
    private readonly RehearsalIds _ids;
    private readonly ServerEvents _events;
    private readonly SessionTimers _timers = new();
    private readonly ReplyPlanner _planner;
    private readonly RehearsalConversation _conversation = new();
    private readonly InputAudio _input;
    private readonly string _sessionId;
    private readonly string _conversationId;
    private SessionConfig _config;
    private TimeSpan _opened;
    private DateTimeOffset _wallClock;
    private int _refusedUpdates;

    /// <summary>Creates the session; nothing happens until <see cref="Open"/>.</summary>
    /// <param name="model">Model name, as the client gave it.</param>
    /// <param name="script">What the model hears and says.</param>
    /// <param name="speech">This session's speech detector.</param>
    /// <param name="faults">Faults at the start.</param>
    /// <param name="cap">Life of the session.</param>
    /// <param name="seed">Seed of the ids; equal seeds and inputs give equal outputs.</param>
    public RehearsalSession(
        string model, RehearsalScript script, SpeechLevel speech, RehearsalFaults faults, TimeSpan cap, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(speech);
        ArgumentNullException.ThrowIfNull(faults);
        _cap = cap;
        _ids = new RehearsalIds(seed);
        _events = new ServerEvents(_ids) { Faults = faults };
        _planner = new ReplyPlanner(_ids) { Script = script };
        _input = new InputAudio(speech);
        _config = new SessionConfig { Model = model };
        _sessionId = _ids.Next("sess");
        _conversationId = _ids.Next("conv");
    }

    /// <summary>What the model hears and says from now on; a response that runs goes on as it was planned.</summary>
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
        get => _events.Faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _events.Faults = value;
            _failed = 0;
            _refusedUpdates = 0;
        }
    }

    /// <summary>True once a <see cref="RehearsalOutput.Close"/> or <see cref="RehearsalOutput.Drop"/> was put out.</summary>
    public bool Ended => _events.Ended;

    private TimeSpan Cap => Faults.SessionCapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _cap;

    private long ExpiresAt => (_wallClock + Cap).ToUnixTimeSeconds();

    /// <summary>Greets the client: <c>session.created</c>, <c>conversation.created</c>.</summary>
    /// <param name="now">The session's start.</param>
    /// <param name="wallClock">Wall clock at <paramref name="now"/>; <c>expires_at</c> counts from it.</param>
    public void Open(TimeSpan now, DateTimeOffset wallClock)
    {
        _opened = now;
        _wallClock = wallClock;
        WriteSession("session.created"u8);
        var json = _events.Begin("conversation.created"u8);
        json.WriteStartObject("conversation"u8);
        json.WriteString("id"u8, _conversationId);
        json.WriteString("object"u8, "realtime.conversation"u8);
        json.WriteEndObject();
        _events.End();
    }

    /// <summary>Takes one client message (UTF-8 JSON, hostile until parsed); what is wrong with it becomes an <c>error</c> event.</summary>
    public void Receive(TimeSpan now, ReadOnlyMemory<byte> utf8)
    {
        Advance(now);
        if (Ended || TryAppend(now, utf8.Span))
        {
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
            var eventId = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("event_id", out var id)
                && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
            var error = ClientEventSchemas.Check(root, out var type) ?? Handle(now, type, root, eventId);
            if (error is not null)
            {
                _events.Error(error, eventId);
            }
        }

        Advance(now);
    }

    /// <summary>Does what is due and returns when it wants to be called again; null: only after the next input.</summary>
    public TimeSpan? Advance(TimeSpan now)
    {
        if (Ended)
        {
            return null;
        }

        var (end, kind) = End();
        _timers.Run(end < now ? end : now);
        if (end <= now)
        {
            Finish(kind);
        }

        return Ended ? null : _timers.Next is { } next && next < end ? next : end;
    }

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTake(out RehearsalOutput output) => _events.TryTake(out output);

    // How and when the session is going to end, as things stand.
    private (TimeSpan At, SessionEnd Kind) End()
    {
        var end = (At: _opened + Cap, Kind: SessionEnd.Expire);
        if (Faults.CloseAfterSeconds is { } close && _opened + TimeSpan.FromSeconds(close) < end.At)
        {
            end = (_opened + TimeSpan.FromSeconds(close), SessionEnd.Close);
        }

        if (Faults.DropAfterSeconds is { } drop && _opened + TimeSpan.FromSeconds(drop) < end.At)
        {
            end = (_opened + TimeSpan.FromSeconds(drop), SessionEnd.Drop);
        }

        return end;
    }

    private void Finish(SessionEnd kind)
    {
        switch (kind)
        {
            case SessionEnd.Close:
                if (Faults.CloseError is { } code)
                {
                    _events.Error(ServiceError.Asked(code), null);
                }

                _events.Close(Faults.CloseCode, "Closed by request of a fault.");
                break;
            case SessionEnd.Drop:
                _events.Drop();
                break;
            default:
                _events.Error(ServiceError.Expired(Cap), null);
                _events.Close(1001, ServiceError.ExpiredReason(Cap));
                break;
        }
    }

    private ServiceError? Handle(TimeSpan now, string type, JsonElement root, string? eventId) => type switch
    {
        "session.update" => Update(now, root.GetProperty("session")),
        "input_audio_buffer.append" => Append(now, root.GetProperty("audio")),
        "input_audio_buffer.commit" => Commit(now),
        "input_audio_buffer.clear" => Clear(),
        "output_audio_buffer.clear" => ServiceError.NoOutputBuffer(),
        "conversation.item.create" => CreateItem(root),
        "conversation.item.retrieve" => Retrieve(root.GetProperty("item_id").GetString()!),
        "conversation.item.truncate" => Truncate(root),
        "conversation.item.delete" => Delete(root.GetProperty("item_id").GetString()!),
        "response.create" => CreateResponse(now, root.TryGetProperty("response", out var response) ? response : default),
        "response.cancel" => Cancel(now, root),
        _ => throw new InvalidOperationException($"The schema knows {type}, the session does not ({eventId})."),
    };

    private ServiceError? Update(TimeSpan now, JsonElement session)
    {
        if (Faults.RefuseUpdates < 0 || _refusedUpdates < Faults.RefuseUpdates)
        {
            _refusedUpdates++;
            return ServiceError.Asked(Faults.RefuseCode, Faults.RefuseParam);
        }

        var error = _config.Merge(session, _spoke, _active is not null, out var updated);
        if (error is not null)
        {
            return error;
        }

        var hadTurns = _config.Turn is not null;
        _config = updated;
        if (hadTurns && _config.Turn is null)
        {
            // Without turn detection the buffer is the client's: a turn half detected is forgotten, its audio stays.
            _speechItem = null;
        }

        WriteSession("session.updated"u8);
        ListRemoteTools(now);
        return null;
    }

    // The service asks a remote MCP server for its tools as soon as a session names one. A rehearsal reaches no server, and
    // says so as the service does of one that does not answer.
    private void ListRemoteTools(TimeSpan now)
    {
        foreach (var tool in _config.Tools?.EnumerateArray() ?? default)
        {
            if (Text(tool, "type") != "mcp" || Text(tool, "server_label") is not { } label || !_remoteServers.Add(label))
            {
                continue;
            }

            var item = new RehearsalItem
            {
                Id = _ids.Next("mcpl"),
                Type = "mcp_list_tools",
                Raw = JsonSerializer.SerializeToElement(new { type = "mcp_list_tools", server_label = label, tools = Array.Empty<object>() }),
            };
            _conversation.Add(item);
            WriteItem("conversation.item.added"u8, item);
            WriteItemEvent("mcp_list_tools.in_progress"u8, item);
            _timers.Add(now + RemoteToolsTimeout, _ => WriteItemEvent("mcp_list_tools.failed"u8, item));
        }
    }

    private void WriteItemEvent(ReadOnlySpan<byte> type, RehearsalItem item)
    {
        _events.Begin(type).WriteString("item_id"u8, item.Id);
        _events.End();
    }

    private void WriteSession(ReadOnlySpan<byte> type)
    {
        var json = _events.Begin(type);
        json.WritePropertyName("session"u8);
        _config.Write(json, _sessionId, ExpiresAt);
        _events.End();
    }

    private enum SessionEnd
    {
        Expire,
        Close,
        Drop,
    }
}
