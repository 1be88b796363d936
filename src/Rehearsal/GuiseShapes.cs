using System.Text.Json.Nodes;

namespace Bridge.Rehearsal;

/// <summary>Names and shapes of the protocol before general availability, both ways.</summary>
internal static class GuiseShapes
{
    private static readonly Dictionary<string, string> Old = new()
    {
        ["response.output_audio.delta"] = "response.audio.delta",
        ["response.output_audio.done"] = "response.audio.done",
        ["response.output_audio_transcript.delta"] = "response.audio_transcript.delta",
        ["response.output_audio_transcript.done"] = "response.audio_transcript.done",
        ["response.output_text.delta"] = "response.text.delta",
        ["response.output_text.done"] = "response.text.done",
        ["conversation.item.added"] = "conversation.item.created",
    };

    /// <summary>The old name of an event; the same when it had none.</summary>
    public static string OldName(string type) => Old.GetValueOrDefault(type, type);

    /// <summary>A session as it looked before.</summary>
    public static JsonObject OldSession(JsonObject session, bool speaches)
    {
        var (input, output) = (session["audio"]?["input"], session["audio"]?["output"]);
        var old = new JsonObject
        {
            ["id"] = Copy(session["id"]),
            ["object"] = "realtime.session",
            ["model"] = Copy(session["model"]),
            ["modalities"] = new JsonArray("text", "audio"),
            ["instructions"] = Copy(session["instructions"]),
            ["voice"] = Copy(output?["voice"]),
            ["input_audio_format"] = "pcm16",
            ["output_audio_format"] = "pcm16",
            ["input_audio_transcription"] = Copy(input?["transcription"]),
            ["turn_detection"] = Copy(input?["turn_detection"]),
            ["tools"] = Copy(session["tools"]),
            ["tool_choice"] = Copy(session["tool_choice"]),
            ["temperature"] = 0.8,
            ["max_response_output_tokens"] = Copy(session["max_output_tokens"]),
        };
        old[speaches ? "speech_model" : "expires_at"] = speaches ? "kokoro" : Copy(session["expires_at"]);
        return old;
    }

    /// <summary>Settings in the old shape as <c>session.update</c> takes them today.</summary>
    public static JsonObject TodaySession(JsonObject old)
    {
        var (session, input, output) = (new JsonObject { ["type"] = "realtime" }, new JsonObject(), new JsonObject());
        foreach (var (name, value) in old)
        {
            switch (name)
            {
                case "modalities":
                    session["output_modalities"] = new JsonArray(((JsonArray)value!).Any(m => (string?)m == "audio") ? "audio" : "text");
                    break;
                case "input_audio_transcription" or "turn_detection":
                    input[name == "turn_detection" ? name : "transcription"] = Copy(value);
                    break;
                case "voice":
                    output[name] = Copy(value);
                    break;
                case "max_response_output_tokens":
                    session["max_output_tokens"] = Copy(value);
                    break;
                case "instructions" or "tools" or "tool_choice":
                    session[name] = Copy(value);
                    break;
            }
        }

        session["audio"] = new JsonObject { ["input"] = input, ["output"] = output };
        return session;
    }

    /// <summary>Parameters in the old shape as <c>response.create</c> takes them today.</summary>
    public static void TodayResponse(JsonObject response)
    {
        foreach (var item in (response["input"] as JsonArray ?? []).Where(item => (string?)item?["role"] == "assistant"))
        {
            Content(item, "text", "output_text");
        }

        if (response["modalities"] is JsonArray modalities)
        {
            response["output_modalities"] = new JsonArray(modalities.Any(one => (string?)one == "audio") ? "audio" : "text");
            response.Remove("modalities");
        }

        if (response["max_response_output_tokens"] is { } tokens)
        {
            response["max_output_tokens"] = tokens.DeepClone();
            response.Remove("max_response_output_tokens");
        }
    }

    /// <summary>Renames the content types of an item.</summary>
    public static void Content(JsonNode? item, string from, string to)
    {
        foreach (var part in item?["content"] as JsonArray ?? [])
        {
            if ((string?)part?["type"] == from)
            {
                part["type"] = to;
            }
        }
    }

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
}
