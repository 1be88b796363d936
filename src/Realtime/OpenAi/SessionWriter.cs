using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>Session settings as GA <c>RealtimeSessionCreateRequestGA</c>.</summary>
internal static class SessionWriter
{
    public static void Write(Utf8JsonWriter json, SessionSettings settings)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "realtime"u8);
        json.WriteStartArray("output_modalities"u8);
        json.WriteStringValue(settings.TextOnly ? "text"u8 : "audio"u8);
        json.WriteEndArray();
        if (settings.Instructions is not null)
        {
            json.WriteString("instructions"u8, settings.Instructions);
        }

        json.WriteStartObject("audio"u8);
        WriteInput(json, settings);
        WriteOutput(json, settings);
        json.WriteEndObject();
        WriteTools(json, settings);
        WriteModelOptions(json, settings);
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json)
    {
        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, "audio/pcm"u8);
        json.WriteNumber("rate"u8, 24000);
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, SessionSettings settings)
    {
        json.WriteStartObject("input"u8);
        WriteFormat(json);
        if (settings.TranscriptionModel is not null)
        {
            json.WriteStartObject("transcription"u8);
            json.WriteString("model"u8, settings.TranscriptionModel);
            WriteIfSet(json, "language"u8, settings.TranscriptionLanguage);
            WriteIfSet(json, "prompt"u8, settings.TranscriptionPrompt);
            json.WriteEndObject();
        }

        if (settings.NoiseReduction is not null)
        {
            json.WriteStartObject("noise_reduction"u8);
            json.WriteString("type"u8, settings.NoiseReduction);
            json.WriteEndObject();
        }

        WriteTurnDetection(json, settings.TurnDetection);
        json.WriteEndObject();
    }

    private static void WriteTurnDetection(Utf8JsonWriter json, TurnDetection? turn)
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
            if (vad.Threshold is { } threshold)
            {
                json.WriteNumber("threshold"u8, threshold);
            }

            WriteIfSet(json, "prefix_padding_ms"u8, vad.PrefixPaddingMs);
            WriteIfSet(json, "silence_duration_ms"u8, vad.SilenceDurationMs);
        }
        else
        {
            json.WriteString("type"u8, "semantic_vad"u8);
            WriteIfSet(json, "eagerness"u8, ((SemanticVad)turn).Eagerness);
        }

        // The turn machine alone starts and stops responses.
        json.WriteBoolean("create_response"u8, false);
        json.WriteBoolean("interrupt_response"u8, false);
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, SessionSettings settings)
    {
        json.WriteStartObject("output"u8);
        WriteFormat(json);
        if (settings.Voice is { } voice)
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

        if (settings.Speed is { } speed)
        {
            json.WriteNumber("speed"u8, speed);
        }

        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, SessionSettings settings)
    {
        json.WriteStartArray("tools"u8);
        foreach (var tool in settings.Tools)
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
        switch (settings.ToolChoice)
        {
            case null:
                break;
            case "auto" or "none" or "required":
                json.WriteString("tool_choice"u8, settings.ToolChoice);
                break;
            default:
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteString("name"u8, settings.ToolChoice);
                json.WriteEndObject();
                break;
        }

        if (settings.ParallelToolCalls is { } parallel)
        {
            json.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    private static void WriteModelOptions(Utf8JsonWriter json, SessionSettings settings)
    {
        switch (settings.MaxOutputTokens)
        {
            case > 0:
                json.WriteNumber("max_output_tokens"u8, settings.MaxOutputTokens.Value);
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

        WriteIfSet(json, "truncation"u8, settings.Truncation);
        WriteIfSet(json, "tracing"u8, settings.Tracing);
        if (settings.PromptId is not null)
        {
            json.WriteStartObject("prompt"u8);
            json.WriteString("id"u8, settings.PromptId);
            WriteIfSet(json, "version"u8, settings.PromptVersion);
            WriteIfSet(json, "variables"u8, settings.PromptVariables);
            json.WriteEndObject();
        }
    }

    private static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement? value)
    {
        if (value is { ValueKind: not JsonValueKind.Undefined } element)
        {
            json.WritePropertyName(name);
            element.WriteTo(json);
        }
    }
}
