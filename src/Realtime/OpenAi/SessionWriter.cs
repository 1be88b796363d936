using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// Session settings as GA <c>RealtimeSessionCreateRequestGA</c>. A field that is left out of an update stays as it is: what the
/// session had and is to have no more gets null, or the default that the reference names.
/// </summary>
internal static class SessionWriter
{
    private static readonly JsonElement Auto = JsonElement.Parse("\"auto\"");

    public static void Write(Utf8JsonWriter json, SessionSettings settings, SessionSettings before)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "realtime"u8);
        json.WriteStartArray("output_modalities"u8);
        json.WriteStringValue(settings.TextOnly ? "text"u8 : "audio"u8);
        json.WriteEndArray();
        WriteIfSet(json, "instructions"u8, settings.Instructions ?? (before.Instructions is null ? null : ""));

        json.WriteStartObject("audio"u8);
        WriteInput(json, settings, before);
        WriteOutput(json, settings, before);
        json.WriteEndObject();
        WriteTools(json, settings, before);
        WriteModelOptions(json, settings, before);
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json)
    {
        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, "audio/pcm"u8);
        json.WriteNumber("rate"u8, 24000);
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, SessionSettings settings, SessionSettings before)
    {
        json.WriteStartObject("input"u8);
        WriteFormat(json);

        // Empty: the server's own model.
        if (settings.TranscriptionModel is not null)
        {
            json.WritePropertyName("transcription"u8);
            WriteTranscription(json, settings, settings.TranscriptionModel);
        }
        else if (settings.TranscriptionModel is null && before.TranscriptionModel is not null)
        {
            json.WriteNull("transcription"u8);
        }

        if (settings.NoiseReduction is not null)
        {
            json.WriteStartObject("noise_reduction"u8);
            json.WriteString("type"u8, settings.NoiseReduction);
            json.WriteEndObject();
        }
        else if (before.NoiseReduction is not null)
        {
            json.WriteNull("noise_reduction"u8);
        }

        WriteTurnDetection(json, settings.TurnDetection, before.TurnDetection);
        json.WriteEndObject();
    }

    internal static void WriteTurnDetection(Utf8JsonWriter json, TurnDetection? turn, TurnDetection? before)
    {
        if (turn is null)
        {
            json.WriteNull("turn_detection"u8);
            return;
        }

        json.WriteStartObject("turn_detection"u8);
        if (turn is ServerVad vad)
        {
            json.WriteString("type"u8, "server_vad"u8);
            var had = before as ServerVad;
            if ((vad.Threshold ?? (had?.Threshold is null ? null : 0.5)) is { } threshold)
            {
                json.WriteNumber("threshold"u8, threshold);
            }

            WriteIfSet(json, "prefix_padding_ms"u8, vad.PrefixPaddingMs ?? (had?.PrefixPaddingMs is null ? null : 300));
            WriteIfSet(json, "silence_duration_ms"u8, vad.SilenceDurationMs ?? (had?.SilenceDurationMs is null ? null : 500));
        }
        else
        {
            json.WriteString("type"u8, "semantic_vad"u8);
            WriteIfSet(json, "eagerness"u8, ((SemanticVad)turn).Eagerness ?? ((before as SemanticVad)?.Eagerness is null ? null : "auto"));
        }

        // The turn machine alone starts and stops responses.
        json.WriteBoolean("create_response"u8, false);
        json.WriteBoolean("interrupt_response"u8, false);
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, SessionSettings settings, SessionSettings before)
    {
        json.WriteStartObject("output"u8);
        WriteFormat(json);
        if (settings.Voice is { } voice)
        {
            WriteVoice(json, voice);
        }

        if ((settings.Speed ?? (before.Speed is null ? null : 1)) is { } speed)
        {
            json.WriteNumber("speed"u8, speed);
        }

        json.WriteEndObject();
    }

    internal static void WriteVoice(Utf8JsonWriter json, string voice)
    {
        if (voice.StartsWith("voice_", StringComparison.Ordinal))
        {
            json.WriteStartObject("voice"u8);
            json.WriteString("id"u8, voice);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("voice"u8, voice);
        }
    }

    internal static void WriteTools(Utf8JsonWriter json, SessionSettings settings, SessionSettings before)
    {
        WriteFunctions(json, settings.Tools);
        var choice = settings.ToolChoice ?? (before.ToolChoice is null ? null : "auto");
        switch (choice)
        {
            case null:
                break;
            case "auto" or "none" or "required":
                json.WriteString("tool_choice"u8, choice);
                break;
            default:
                WriteChoice(json, choice);
                break;
        }

        if ((settings.ParallelToolCalls ?? (before.ParallelToolCalls is null ? null : true)) is { } parallel)
        {
            json.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    internal static void WriteFunctions(Utf8JsonWriter json, IReadOnlyList<ModelTool> functions)
    {
        json.WriteStartArray("tools"u8);
        foreach (var tool in functions)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("parameters"u8);
            tool.Parameters.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteChoice(Utf8JsonWriter json, string function)
    {
        json.WriteStartObject("tool_choice"u8);
        json.WriteString("type"u8, "function"u8);
        json.WriteString("name"u8, function);
        json.WriteEndObject();
    }

    private static void WriteModelOptions(Utf8JsonWriter json, SessionSettings settings, SessionSettings before)
    {
        switch (settings.MaxOutputTokens ?? (before.MaxOutputTokens is null ? null : 0))
        {
            case > 0:
                json.WriteNumber("max_output_tokens"u8, settings.MaxOutputTokens!.Value);
                break;
            case not null:
                json.WriteString("max_output_tokens"u8, "inf"u8);
                break;
        }

        if (settings.ReasoningEffort is not null)
        {
            json.WriteStartObject("reasoning"u8);
            json.WriteString("effort"u8, settings.ReasoningEffort);
            json.WriteEndObject();
        }

        WriteIfSet(json, "truncation"u8, settings.Truncation ?? (before.Truncation is null ? null : Auto));
        WriteIfSet(json, "tracing"u8, settings.Tracing);
        if (settings.PromptId is not null)
        {
            json.WriteStartObject("prompt"u8);
            json.WriteString("id"u8, settings.PromptId);
            WriteIfSet(json, "version"u8, settings.PromptVersion);
            WriteIfSet(json, "variables"u8, settings.PromptVariables);
            json.WriteEndObject();
        }
        else if (before.PromptId is not null)
        {
            json.WriteNull("prompt"u8);
        }
    }

    internal static void WriteTranscription(Utf8JsonWriter json, SessionSettings settings, string model)
    {
        json.WriteStartObject();
        if (model.Length > 0)
        {
            json.WriteString("model"u8, model);
        }

        WriteLanguage(json, model, settings.TranscriptionLanguage);
        WriteIfSet(json, "prompt"u8, settings.TranscriptionPrompt);
        json.WriteEndObject();
    }

    // The models since gpt-transcribe take a list of the languages that may come; those before, one.
    private static void WriteLanguage(Utf8JsonWriter json, string model, string? language)
    {
        if (language is null)
        {
            return;
        }

        if (model.StartsWith("gpt-transcribe", StringComparison.Ordinal) || model.StartsWith("gpt-live-transcribe", StringComparison.Ordinal))
        {
            json.WriteStartArray("languages"u8);
            json.WriteStringValue(language);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("language"u8, language);
        }
    }

    internal static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    internal static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    internal static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement? value)
    {
        if (value is { ValueKind: not JsonValueKind.Undefined } element)
        {
            json.WritePropertyName(name);
            element.WriteTo(json);
        }
    }
}
