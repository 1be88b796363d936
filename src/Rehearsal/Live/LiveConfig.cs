using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>The settings of <c>session.start</c>, checked beyond the schema, and what <c>session.update</c> changes of them.</summary>
internal sealed class LiveConfig
{
    public const string DefaultVoice = "marin";
    public const int MaxHistory = 128;
    public const int MaxHistoryTokens = 8192;
    public const int MaxInstructionTokens = 16_384;

    // Voices of other models, which the service names in its refusal.
    private static readonly string[] Forbidden = ["fable", "nova", "onyx"];

    // Settings that the session shows as they came.
    private static readonly string[] Carried = ["client", "safety_identifier", "triggers"];

    private readonly JsonElement _session;
    private readonly Dictionary<string, JsonElement> _backend = [];
    private JsonElement? _triggers;
    private double? _acknowledgementDelay;

    private LiveConfig(JsonElement session)
    {
        _session = session;
        Model = session.GetProperty("model").GetString()!;
        var delegation = Object(session, "delegation");
        Responses = delegation is { } given && given.GetProperty("type").ValueEquals("responses");
        Merge(delegation);
    }

    public string Model { get; }

    /// <summary>True: the service runs a Responses backend; false: the client does the work.</summary>
    public bool Responses { get; }

    /// <summary>The whole delay before a spoken acknowledgement, in milliseconds.</summary>
    public long AcknowledgementDelayMs => (long)Math.Clamp(_acknowledgementDelay ?? 0, 0, 60_000);

    public JsonElement? Format => Object(_session, "audio") is { } audio ? Object(audio, "format") : null;

    public string? Instructions => JsonText.Of(_session, "instructions");

    /// <summary>Name of the voice, or the id of a custom one.</summary>
    public string Voice => Object(_session, "audio") is { } audio && Object(audio, "output") is { } output
        && output.TryGetProperty("voice", out var voice)
            ? (voice.ValueKind == JsonValueKind.String ? voice.GetString() : JsonText.Of(voice, "id")) ?? DefaultVoice
            : DefaultVoice;

    /// <summary>A setting of the backend; null: not set.</summary>
    public JsonElement? Backend(string name) =>
        _backend.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>History messages: role and text.</summary>
    public IEnumerable<(string Role, string Text)> History => Array(_session, "input")
        .Select(message => (JsonText.Of(message, "role")!, JsonText.Of(message.GetProperty("content")[0], "text")!));

    /// <summary>A voice of another model, which is refused by another code than an unknown one.</summary>
    public static ServiceError? CheckVoice(JsonElement start) =>
        start.TryGetProperty("session", out var session) && session.ValueKind == JsonValueKind.Object
        && Object(session, "audio") is { } audio && Object(audio, "output") is { } output
        && JsonText.Of(output, "voice") is { } voice && Forbidden.Contains(voice)
            ? LiveErrors.VoiceForbidden(voice)
            : null;

    /// <summary>Reads the session of a checked <c>session.start</c>.</summary>
    public static ServiceError? Read(JsonElement session, out LiveConfig config)
    {
        config = new LiveConfig(session.Clone());
        if (Object(session, "delegation") is { } delegation)
        {
            if (delegation.GetProperty("type").ValueEquals("decisions"))
            {
                return LiveErrors.NoDecisions();
            }

            if (CheckTools(delegation) is { } wrong)
            {
                return wrong;
            }
        }

        return Tokens(config.Instructions ?? "") > MaxInstructionTokens ? LiveErrors.InstructionsTooLong() : CheckHistory(session);
    }

    /// <summary>Merges a checked <c>session.update</c>: settings it does not name keep their values.</summary>
    public ServiceError? Update(JsonElement session)
    {
        if (session.TryGetProperty("delegation", out var change))
        {
            var delegation = Object(session, "delegation");
            var type = delegation is { } given ? JsonText.Of(given, "type") : "client";
            if (type != (Responses ? "responses" : "client"))
            {
                return LiveErrors.DelegationType();
            }

            if (delegation is { } checkedOne && CheckTools(checkedOne) is { } wrong)
            {
                return wrong;
            }

            Merge(delegation?.Clone());
        }

        if (session.TryGetProperty("triggers", out var triggers))
        {
            _triggers = triggers.Clone();
        }

        return null;
    }

    /// <summary>Writes the <c>session</c> object with its resolved settings. Its status is always active.</summary>
    public void Write(Utf8JsonWriter json, string id, long expiresAt)
    {
        json.WriteStartObject("session"u8);
        json.WriteString("id"u8, id);
        json.WriteNumber("expires_at"u8, expiresAt);
        json.WriteString("model"u8, Model);
        json.WriteString("status"u8, "active"u8);
        json.WriteString("instructions"u8, Instructions);
        json.WriteStartObject("audio"u8);
        json.WritePropertyName("format"u8);
        if (Format is { } format)
        {
            format.WriteTo(json);
        }
        else
        {
            json.WriteRawValue("""{"type":"audio/pcm","rate":24000}"""u8);
        }

        json.WriteStartObject("output"u8);
        json.WritePropertyName("voice"u8);
        if (Object(_session, "audio") is { } audio && Object(audio, "output") is { } output && Object(output, "voice") is { } custom)
        {
            custom.WriteTo(json);
        }
        else
        {
            json.WriteStringValue(Voice);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        WriteDelegation(json);
        json.WriteStartArray("input"u8);
        foreach (var message in Array(_session, "input"))
        {
            message.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteBoolean("store"u8, _session.TryGetProperty("store", out var store) && store.ValueKind == JsonValueKind.True);
        foreach (var name in Carried)
        {
            if ((name == "triggers" ? _triggers : null) is { } newer)
            {
                json.WritePropertyName(name);
                newer.WriteTo(json);
            }
            else if (_session.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static ServiceError? CheckHistory(JsonElement session)
    {
        var messages = Array(session, "input").ToList();
        if (messages.Count > MaxHistory)
        {
            return LiveErrors.TooManyMessages(messages.Count);
        }

        var parts = messages.FindIndex(message => message.GetProperty("content").GetArrayLength() != 1);
        if (parts >= 0)
        {
            return LiveErrors.OnePart(parts, messages[parts].GetProperty("content").GetArrayLength());
        }

        return messages.Sum(message => Tokens(JsonText.Of(message.GetProperty("content")[0], "text") ?? "")) > MaxHistoryTokens
            ? LiveErrors.HistoryTooLong()
            : null;
    }

    private static ServiceError? CheckTools(JsonElement delegation) =>
        Object(delegation, "responses") is { } responses && responses.TryGetProperty("tools", out var tools)
        && tools.ValueKind == JsonValueKind.Array
            ? ToolDeclarations.Check(tools, "session.delegation.responses.tools")
            : null;

    private static int Tokens(string text) => RehearsalUsage.Text(text.Length);

    private static JsonElement? Object(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static JsonElement.ArrayEnumerator Array(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;

    private void Merge(JsonElement? delegation)
    {
        if (delegation is not { } given)
        {
            return;
        }

        if (given.TryGetProperty("acknowledgement_delay_ms", out var delay) && delay.ValueKind == JsonValueKind.Number)
        {
            _acknowledgementDelay = delay.GetDouble();
        }

        foreach (var setting in Object(given, "responses") is { } responses ? responses.EnumerateObject() : default)
        {
            _backend[setting.Name] = setting.Value;
        }
    }

    private void WriteDelegation(Utf8JsonWriter json)
    {
        json.WriteStartObject("delegation"u8);
        json.WriteString("type"u8, Responses ? "responses"u8 : "client"u8);
        if (_acknowledgementDelay is { } delay)
        {
            json.WriteNumber("acknowledgement_delay_ms"u8, delay);
        }

        if (Responses)
        {
            json.WriteStartObject("responses"u8);
            foreach (var (name, value) in _backend)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
