using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// Session settings in the shape before general availability: everything at the top, audio formats by name. A setting that this shape
/// has no word for (reasoning, prompts kept at the service, truncation, tracing) is left out.
/// </summary>
internal static class BetaSessionWriter
{
    private static readonly SessionSettings Nothing = new() { TurnDetection = null };

    public static void Write(Utf8JsonWriter json, SessionSettings settings, bool formats = true)
    {
        json.WriteStartObject();
        json.WriteStartArray("modalities"u8);
        json.WriteStringValue("text"u8);
        if (!settings.TextOnly)
        {
            json.WriteStringValue("audio"u8);
        }

        json.WriteEndArray();
        json.WriteString("instructions"u8, settings.Instructions ?? "");
        SessionWriter.WriteIfSet(json, "voice"u8, settings.Voice);
        if (formats)
        {
            json.WriteString("input_audio_format"u8, "pcm16"u8);
            json.WriteString("output_audio_format"u8, "pcm16"u8);
        }

        if (settings.TranscriptionModel is { } model)
        {
            json.WritePropertyName("input_audio_transcription"u8);
            SessionWriter.WriteTranscription(json, settings, model);
        }

        SessionWriter.WriteTurnDetection(json, settings.TurnDetection, before: null);
        SessionWriter.WriteTools(json, settings, Nothing);
        if (settings.MaxOutputTokens is > 0 and { } tokens)
        {
            json.WriteNumber("max_response_output_tokens"u8, tokens);
        }

        json.WriteEndObject();
    }
}
