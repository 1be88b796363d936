using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>The effective configuration of a session, as <c>session.created</c> and <c>session.updated</c> show it.</summary>
internal sealed record SessionConfig
{
    /// <summary>Built-in voices; any other name is refused, a custom voice is an object with an id.</summary>
    public static readonly string[] Voices =
        ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"];

    public required string Model { get; init; }

    public bool Text { get; init; }

    public string Instructions { get; init; } = "You are a rehearsal model: you follow a script.";

    public AudioEncoding InputFormat { get; init; }

    public JsonElement? Transcription { get; init; }

    public JsonElement? NoiseReduction { get; init; }

    public TurnDetection? Turn { get; init; } = new();

    public AudioEncoding OutputFormat { get; init; }

    public string Voice { get; init; } = "marin";

    public double Speed { get; init; } = 1;

    public JsonElement? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public int? MaxOutputTokens { get; init; }

    /// <summary>Fields that are kept and shown but change nothing here: tracing, prompt, include, truncation, reasoning.</summary>
    public IReadOnlyDictionary<string, JsonElement> Carried { get; init; } = new Dictionary<string, JsonElement>();

    public string? TranscriptionModel => Transcription is { } t
        ? t.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String ? model.GetString() : "gpt-transcribe"
        : null;

    /// <summary>Merges a checked <c>session</c> object; the configuration stays as it was when there is an error.</summary>
    /// <param name="session">The object of <c>session.update</c>.</param>
    /// <param name="spoke">True once the model has put out audio.</param>
    /// <param name="responding">True while a response is in progress.</param>
    /// <param name="updated">The merged configuration.</param>
    public ServiceError? Merge(JsonElement session, bool spoke, bool responding, out SessionConfig updated)
    {
        updated = this;
        if (session.GetProperty("type").ValueEquals("transcription"))
        {
            return ServiceError.SessionType("transcription", "realtime");
        }

        var config = this;
        foreach (var field in session.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Null && field.Name is not ("tracing" or "prompt" or "include"))
            {
                continue;
            }

            ServiceError? error = null;
            switch (field.Name)
            {
                case "model" when !field.Value.ValueEquals(Model):
                    return ServiceError.ModelChange();
                case "output_modalities":
                    error = ReadModalities(field.Value, out var text);
                    config = config with { Text = text };
                    break;
                case "instructions":
                    config = config with { Instructions = field.Value.GetString()! };
                    break;
                case "audio":
                    error = config.MergeAudio(field.Value, spoke, responding, out config);
                    break;
                case "tools":
                    error = ToolDeclarations.Check(field.Value, "session.tools");
                    config = config with { Tools = field.Value.Clone() };
                    break;
                case "tool_choice":
                    config = config with { ToolChoice = field.Value.Clone() };
                    break;
                case "max_output_tokens":
                    error = ReadMaxTokens(field.Value, "session.max_output_tokens", out var tokens);
                    config = config with { MaxOutputTokens = tokens };
                    break;
                case "tracing" or "prompt" or "include" or "truncation" or "reasoning":
                    config = config with
                    {
                        Carried = new Dictionary<string, JsonElement>(config.Carried) { [field.Name] = field.Value.Clone() },
                    };
                    break;
            }

            if (error is not null)
            {
                return error;
            }
        }

        updated = config;
        return null;
    }

    /// <summary>Reads <c>output_modalities</c>: text or audio, never both.</summary>
    public static ServiceError? ReadModalities(JsonElement modalities, out bool text)
    {
        var first = modalities.GetArrayLength() == 1 ? modalities[0].GetString() : null;
        text = first == "text";
        return first is null
            ? ServiceError.Modalities($"[{string.Join(", ", modalities.EnumerateArray().Select(m => $"'{m.GetString()}'"))}]")
            : null;
    }

    /// <summary>Reads <c>max_output_tokens</c>: 1 to 4096, or "inf" (null here).</summary>
    public static ServiceError? ReadMaxTokens(JsonElement value, string param, out int? tokens)
    {
        tokens = null;
        if (value.ValueKind == JsonValueKind.String)
        {
            return null;
        }

        var given = value.GetDouble();
        if (given is < 1 or > 4096)
        {
            return given < 1
                ? ServiceError.TooSmall(param, true, "1", value.GetRawText())
                : ServiceError.TooLarge(param, true, "4096", value.GetRawText());
        }

        tokens = (int)given;
        return null;
    }

    /// <summary>Reads a voice: a built-in name, or the id of a custom voice.</summary>
    public static ServiceError? ReadVoice(JsonElement value, string param, out string voice)
    {
        voice = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetProperty("id").GetString()!;
        return value.ValueKind == JsonValueKind.String && Array.IndexOf(Voices, voice) < 0
            ? ServiceError.Value(param, voice, Voices)
            : null;
    }

    public void Write(Utf8JsonWriter json, string id, long expiresAt)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "realtime"u8);
        json.WriteString("object"u8, "realtime.session"u8);
        json.WriteString("id"u8, id);
        json.WriteString("model"u8, Model);
        WriteModalities(json, Text);
        json.WriteString("instructions"u8, Instructions);
        json.WritePropertyName("tools"u8);
        WriteOr(json, Tools, "[]"u8);
        json.WritePropertyName("tool_choice"u8);
        WriteOr(json, ToolChoice, "\"auto\""u8);
        WriteMaxTokens(json, MaxOutputTokens);
        foreach (var name in (ReadOnlySpan<string>)["tracing", "prompt", "include"])
        {
            json.WritePropertyName(name);
            WriteOr(json, Carried.TryGetValue(name, out var value) ? value : null, "null"u8);
        }

        json.WritePropertyName("truncation"u8);
        WriteOr(json, Carried.TryGetValue("truncation", out var truncation) ? truncation : null, "\"auto\""u8);
        if (Carried.TryGetValue("reasoning", out var reasoning))
        {
            json.WritePropertyName("reasoning"u8);
            reasoning.WriteTo(json);
        }

        json.WriteNumber("expires_at"u8, expiresAt);
        json.WriteStartObject("audio"u8);
        json.WriteStartObject("input"u8);
        json.WritePropertyName("format"u8);
        InputFormat.Write(json);
        json.WritePropertyName("transcription"u8);
        WriteOr(json, Transcription, "null"u8);
        json.WritePropertyName("noise_reduction"u8);
        WriteOr(json, NoiseReduction, "null"u8);
        json.WritePropertyName("turn_detection"u8);
        if (Turn is null)
        {
            json.WriteNullValue();
        }
        else
        {
            Turn.Write(json);
        }

        json.WriteEndObject();
        json.WriteStartObject("output"u8);
        json.WritePropertyName("format"u8);
        OutputFormat.Write(json);
        json.WriteString("voice"u8, Voice);
        json.WriteNumber("speed"u8, Speed);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteModalities(Utf8JsonWriter json, bool text)
    {
        json.WriteStartArray("output_modalities"u8);
        json.WriteStringValue(text ? "text" : "audio");
        json.WriteEndArray();
    }

    public static void WriteMaxTokens(Utf8JsonWriter json, int? tokens)
    {
        if (tokens is { } limit)
        {
            json.WriteNumber("max_output_tokens"u8, limit);
        }
        else
        {
            json.WriteString("max_output_tokens"u8, "inf"u8);
        }
    }

    private static void WriteOr(Utf8JsonWriter json, JsonElement? value, ReadOnlySpan<byte> otherwise)
    {
        if (value is { } present)
        {
            present.WriteTo(json);
        }
        else
        {
            json.WriteRawValue(otherwise);
        }
    }

    private ServiceError? MergeAudio(JsonElement audio, bool spoke, bool responding, out SessionConfig updated)
    {
        updated = this;
        var config = this;
        if (audio.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Object)
        {
            if (config.MergeInput(input, out config) is { } error)
            {
                return error;
            }
        }

        if (audio.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Object)
        {
            if (config.MergeOutput(output, spoke, responding, out config) is { } error)
            {
                return error;
            }
        }

        updated = config;
        return null;
    }

    private ServiceError? MergeInput(JsonElement input, out SessionConfig updated)
    {
        updated = this;
        foreach (var field in input.EnumerateObject())
        {
            var none = field.Value.ValueKind == JsonValueKind.Null;
            switch (field.Name)
            {
                case "format" when !none:
                    updated = updated with { InputFormat = AudioEncodings.Read(field.Value) };
                    break;
                case "transcription":
                    updated = updated with { Transcription = none ? null : field.Value.Clone() };
                    break;
                case "noise_reduction":
                    updated = updated with { NoiseReduction = none ? null : field.Value.Clone() };
                    break;
                case "turn_detection":
                    if (!none && !field.Value.TryGetProperty("type", out _))
                    {
                        return ServiceError.Missing("session.audio.input.turn_detection.type");
                    }

                    var turn = none ? null : TurnDetection.Read(field.Value);
                    if (turn is { Threshold: < 0 or > 1 })
                    {
                        return ServiceError.Invalid("session.audio.input.turn_detection.threshold", "expected 0.0 to 1.0.");
                    }

                    if (turn is { PrefixPaddingMs: < 0 } or { SilenceDurationMs: < 0 })
                    {
                        return ServiceError.Invalid("session.audio.input.turn_detection", "expected durations of 0 or more.");
                    }

                    updated = updated with { Turn = turn };
                    break;
            }
        }

        return null;
    }

    private ServiceError? MergeOutput(JsonElement output, bool spoke, bool responding, out SessionConfig updated)
    {
        updated = this;
        foreach (var field in output.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            switch (field.Name)
            {
                case "format":
                    updated = updated with { OutputFormat = AudioEncodings.Read(field.Value) };
                    break;
                case "voice":
                    if (ReadVoice(field.Value, "session.audio.output.voice", out var voice) is { } error)
                    {
                        return error;
                    }

                    if (spoke && voice != Voice)
                    {
                        return ServiceError.VoiceAfterAudio();
                    }

                    updated = updated with { Voice = voice };
                    break;
                case "speed":
                    var speed = field.Value.GetDouble();
                    if (responding && speed != Speed)
                    {
                        return ServiceError.SpeedDuringResponse();
                    }

                    updated = updated with { Speed = speed };
                    break;
            }
        }

        return null;
    }
}
