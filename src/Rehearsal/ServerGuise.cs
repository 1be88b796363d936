using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal;

/// <summary>
/// Plays another server: between the wire and a session, which stays OpenAI's, it rewrites, refuses and leaves out what that server
/// does. One per connection.
/// </summary>
internal sealed class ServerGuise
{
    // With all four the server honours them; with fewer it fills in its own.
    private static readonly string[] WholeDetection = ["create_response", "prefix_padding_ms", "silence_duration_ms", "threshold"];

    private static readonly Dictionary<string, GuiseHabits> Servers = new()
    {
        ["azure"] = GuiseHabits.None,
        ["beta"] = GuiseHabits.Beta,
        ["localai"] = GuiseHabits.AnswersTurns | GuiseHabits.Interrupts | GuiseHabits.Replaces | GuiseHabits.UnnamedSpeech
            | GuiseHabits.ErrorEnds | GuiseHabits.OwnTranscription,
        ["speaches"] = GuiseHabits.Beta | GuiseHabits.Speaches | GuiseHabits.Replaces | GuiseHabits.ErrorEnds,
        ["vllm-omni"] = GuiseHabits.Replaces | GuiseHabits.NoTranscripts | GuiseHabits.NoSemanticVad | GuiseHabits.NoOutOfBand,
        ["huggingface"] = GuiseHabits.AnswersTurns | GuiseHabits.NoCommitted | GuiseHabits.OneSession | GuiseHabits.CodeInType
            | GuiseHabits.NoDelete,
    };

    private readonly GuiseHabits _habits;
    private readonly Queue<byte[]> _own = new();
    private readonly Queue<byte[]> _again = new();
    private readonly HashSet<string> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private string? _active;
    private string? _stopped;
    private bool _detects = true;
    private bool _owed;

    public ServerGuise(string name) => _habits = Servers[name];

    /// <summary>The servers that can be played.</summary>
    public static IReadOnlyCollection<string> Names => Servers.Keys;

    /// <summary>True when that server takes one session at a time.</summary>
    public static bool TakesOneSession(string name) => Servers[name].HasFlag(GuiseHabits.OneSession);

    /// <summary>Events of the guise's own that are to be sent.</summary>
    public bool TryTake(out byte[] utf8) => _own.TryDequeue(out utf8!);

    /// <summary>Messages that the server sends itself.</summary>
    public bool TryTakeMessage(out byte[] utf8) => _again.TryDequeue(out utf8!);

    /// <summary>The messages to the session that a client's message stands for: none, one or two messages.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Receive(ReadOnlyMemory<byte> utf8)
    {
        if (AppendReader.TryRead(utf8.Span, AppendReader.Realtime, out _) || !ClientMessage.TryParse(utf8, out var document))
        {
            return [utf8];
        }

        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object && JsonObject.Create(document.RootElement.Clone()) is { } message
                ? Received(message).Select(m => (ReadOnlyMemory<byte>)Utf8(m)).ToArray()
                : [utf8];
        }
    }

    /// <summary>The form of a session's event on the wire; null: it is not sent.</summary>
    public ReadOnlyMemory<byte>? Send(ReadOnlyMemory<byte> utf8)
    {
        if (_habits == GuiseHabits.None || !ClientMessage.TryParse(utf8, out var document))
        {
            // A message that is broken on purpose stays so.
            return utf8;
        }

        using var read = document;
        if (document.RootElement.ValueKind != JsonValueKind.Object || JsonObject.Create(document.RootElement.Clone()) is not { } e)
        {
            return utf8;
        }

        return Sent(e, (string?)e["type"] ?? "") is { } rewritten ? (ReadOnlyMemory<byte>?)Utf8(rewritten) : null;
    }

    private static string? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node?[name];
        }

        return (string?)node;
    }

    private static byte[] Utf8(JsonObject message) => Encoding.UTF8.GetBytes(message.ToJsonString());

    private bool Has(GuiseHabits habit) => (_habits & habit) != 0;

    private JsonObject[] Received(JsonObject m)
    {
        var type = (string?)m["type"];
        switch (type)
        {
            case "session.update":
                return Update(m) ? [m] : [];
            case "response.create":
                return Create(m);
            case "response.cancel" or "conversation.item.truncate" when Has(GuiseHabits.Speaches):
                Refuse(m, "server_error", null, $"Handling of the '{type}' event is not implemented.");
                return [];
            case "conversation.item.truncate" when Has(GuiseHabits.NoDelete):
            case "response.cancel" when Has(GuiseHabits.NoDelete) && _active is null:
                return [];
            case "conversation.item.delete" or "conversation.item.retrieve" or "input_audio_buffer.clear" when Has(GuiseHabits.NoDelete):
                Refuse(m, "unknown_or_invalid_event", null, $"Unknown or invalid event: {type}");
                return [];
            case "input_audio_buffer.commit" when Has(GuiseHabits.UnnamedSpeech) && _detects:
                Refuse(m, ServiceError.InvalidRequest, "not_implemented", "input_audio_buffer.commit in conjunction with VAD", echo: false);
                return [];
            case "conversation.item.delete" when Has(GuiseHabits.UnnamedSpeech):
                var id = (string?)m["item_id"] ?? "";
                if (_renamed.ContainsValue(id))
                {
                    m["item_id"] = _renamed.First(pair => pair.Value == id).Key;
                }
                else if (_renamed.ContainsKey(id))
                {
                    Refuse(m, ServiceError.InvalidRequest, "invalid_item_id", "Item to delete not found", echo: false);
                    return [];
                }

                return [m];
            case "conversation.item.create":
                return Item(m) ? [m] : [];
            default:
                return [m];
        }
    }

    private bool Update(JsonObject m)
    {
        if (m["session"] is not JsonObject session)
        {
            return true;
        }

        if (Has(GuiseHabits.Beta) && !Old(m, session, out session))
        {
            return false;
        }

        var input = session["audio"]?["input"] as JsonObject;
        var turn = input?["turn_detection"] as JsonObject;
        if (Has(GuiseHabits.NoSemanticVad) && (string?)turn?["type"] == "semantic_vad")
        {
            Refuse(m, ServiceError.InvalidRequest, "unsupported_turn_detection", "Only server_vad is supported.");
            return false;
        }

        if (Has(GuiseHabits.OwnTranscription) && (string?)input?["transcription"]?["model"] is { } model
            && model.StartsWith("gpt-", StringComparison.Ordinal))
        {
            Refuse(m, ServiceError.InvalidRequest, "session_update_error", "Failed to update session: model not found", echo: false);
            return false;
        }

        if (Has(GuiseHabits.OwnTranscription) && input?["transcription"] is JsonObject own && own["model"] is null)
        {
            own["model"] = "whisper-1";
        }

        if (Has(GuiseHabits.AnswersTurns | GuiseHabits.Speaches) && input is not null && input["transcription"] is null)
        {
            // The pipeline transcribes with a model of its own, whatever it is told.
            input["transcription"] = new JsonObject { ["model"] = "whisper-1" };
        }

        if (input is not null && input.ContainsKey("turn_detection"))
        {
            _detects = turn is not null;
        }

        if (turn is not null && Has(GuiseHabits.AnswersTurns))
        {
            turn["create_response"] = true;
        }

        if (turn is not null && Has(GuiseHabits.Interrupts))
        {
            turn["interrupt_response"] = true;
        }

        return true;
    }

    private bool Old(JsonObject m, JsonObject session, out JsonObject today)
    {
        today = session;
        if (Has(GuiseHabits.Speaches))
        {
            foreach (var name in new[] { "input_audio_format", "output_audio_format" })
            {
                if (session.Remove(name))
                {
                    Unsupported("session." + name);
                }
            }

            if (session.TryGetPropertyValue("turn_detection", out var turn))
            {
                if (turn is not JsonObject whole)
                {
                    Refuse(
                        m, ServiceError.InvalidRequest, null,
                        "Input should be a valid dictionary or instance of TurnDetection", echo: false);
                    return false;
                }

                var isWhole = (string?)whole["type"] == "server_vad" && WholeDetection.All(whole.ContainsKey);
                if (!isWhole)
                {
                    session.Remove("turn_detection");
                }
                else
                {
                    whole.Remove("prefix_padding_ms");
                    Unsupported("session.turn_detection.prefix_padding_ms");
                }
            }
        }
        else if (session.Select(field => field.Key).FirstOrDefault(name =>
            name is "type" or "audio" or "output_modalities" or "max_output_tokens") is { } unknown)
        {
            Refuse(
                m, ServiceError.InvalidRequest, "unknown_parameter", $"Unknown parameter: 'session.{unknown}'.",
                param: "session." + unknown);
            return false;
        }

        today = GuiseShapes.TodaySession(session);
        m["session"] = today;
        return true;
    }

    private JsonObject[] Create(JsonObject m)
    {
        if (m["response"] is JsonObject response)
        {
            if (Has(GuiseHabits.NoOutOfBand) && (string?)response["conversation"] == "none")
            {
                Refuse(
                    m, ServiceError.InvalidRequest, "unsupported_parameter", "conversation 'none' is not supported.",
                    param: "response.conversation");
                return [];
            }

            if (Has(GuiseHabits.Speaches))
            {
                foreach (var name in new[] { "conversation", "input", "metadata" })
                {
                    if (response.Remove(name))
                    {
                        Unsupported("response." + name);
                    }
                }
            }

            if (Has(GuiseHabits.Beta))
            {
                GuiseShapes.TodayResponse(response);
            }
        }

        if (!Has(GuiseHabits.Replaces) || _active is null)
        {
            return [m];
        }

        _stopped = Has(GuiseHabits.Speaches) ? _active : null;
        return [new JsonObject { ["type"] = "response.cancel" }, m];
    }

    private bool Item(JsonObject m)
    {
        if ((string?)m["item"]?["id"] is { } id)
        {
            _clients.Add(id);
        }

        if (Has(GuiseHabits.Beta))
        {
            if ((m["item"]?["content"] as JsonArray)?.Any(part => (string?)part?["type"] is "output_text") == true)
            {
                Refuse(
                    m, ServiceError.InvalidRequest, Has(GuiseHabits.Speaches) ? null : "invalid_value",
                    "Input tag 'output_text' does not match any of the expected tags.", echo: false);
                return false;
            }

            if ((string?)m["item"]?["role"] == "assistant")
            {
                GuiseShapes.Content(m["item"], "text", "output_text");
            }
        }

        return true;
    }

    private JsonObject? Sent(JsonObject e, string type)
    {
        var response = (string?)e["response_id"] ?? (string?)e["response"]?["id"];
        if (_stopped is not null && response == _stopped)
        {
            _active = type == "response.done" ? null : _active;
            return null;
        }

        if (type == "response.created")
        {
            _active = response;
        }
        else if (type == "response.done" && response == _active)
        {
            _active = null;
            if (_owed)
            {
                _owed = false;
                _again.Enqueue("""{"type":"response.create"}"""u8.ToArray());
            }
        }

        switch (type)
        {
            case "session.created" or "session.updated":
                GuiseEvents.Session(_habits, e);
                return e;
            case "conversation.created" or "rate_limits.updated"
                when Has(GuiseHabits.Speaches | GuiseHabits.UnnamedSpeech | GuiseHabits.CodeInType):
            case "conversation.item.done" when Has(GuiseHabits.Beta | GuiseHabits.UnnamedSpeech | GuiseHabits.NoCommitted):
            case "input_audio_buffer.committed" when Has(GuiseHabits.NoCommitted):
            case "conversation.item.added" when Has(GuiseHabits.NoCommitted) && !_clients.Contains(At(e, "item", "id") ?? ""):
            case not null when Has(GuiseHabits.NoTranscripts)
                && type.StartsWith("conversation.item.input_audio_transcription.", StringComparison.Ordinal):
                return null;
            case "input_audio_buffer.speech_started" or "input_audio_buffer.speech_stopped" when Has(GuiseHabits.UnnamedSpeech):
                e.Remove("item_id");
                return e;
            case "input_audio_buffer.committed" when Has(GuiseHabits.UnnamedSpeech):
                e["previous_item_id"] = "TODO";
                return e;
            case "conversation.item.added" when Has(GuiseHabits.UnnamedSpeech) && At(e, "item", "role") == "user"
                && !_clients.Contains(At(e, "item", "id")!):
                e["item"]!["id"] = _renamed[At(e, "item", "id")!] = "u" + At(e, "item", "id");
                return e;
            case "conversation.item.deleted"
                when Has(GuiseHabits.UnnamedSpeech) && _renamed.TryGetValue(At(e, "item_id") ?? "", out var renamed):
                e["item_id"] = renamed;
                return e;
            case "conversation.item.added" when Has(GuiseHabits.NoCommitted):
                e["type"] = "conversation.item.created";
                return e;
            case "error" when Has(GuiseHabits.AnswersTurns) && At(e, "error", "event_id") is null
                && At(e, "error", "code") == "conversation_already_has_active_response":
                // The turn waits for the end of what is being said.
                _owed = true;
                return null;
            case "error":
                GuiseEvents.Error(_habits, e["error"] as JsonObject);
                return e;
            case "response.done" when Has(GuiseHabits.ErrorEnds) && At(e, "response", "status") == "failed":
                return GuiseEvents.Failure(_habits);
            default:
                return Has(GuiseHabits.Beta) ? GuiseEvents.Aged(_habits, e, type!) : e;
        }
    }

    // Speaches says so, and goes on with the rest.
    private void Unsupported(string field) =>
        Refuse(
            [], ServiceError.InvalidRequest, null,
            $"Specifying `{field}` is not supported. The server either does not support this field or it is not configurable.",
            echo: false);

    private void Refuse(JsonObject message, string type, string? code, string sentence, bool echo = true, string? param = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = sentence };
        _ = code is null ? null : error["code"] = code;
        _ = param is null ? null : error["param"] = param;
        if (echo && message["event_id"] is { } id)
        {
            error["event_id"] = id.DeepClone();
        }

        _own.Enqueue(Utf8(new JsonObject { ["type"] = "error", ["event_id"] = "event_guise", ["error"] = error }));
    }
}
