using System.Text.Json;

namespace Bridge.Realtime.OpenAi;

/// <summary>The fields of each server event. Null: a field without which the event means nothing is missing or of the wrong type.</summary>
internal static class EventFields
{
    public static ModelEvent? Read(string type, JsonElement e) => type switch
    {
        "session.created" => SessionCreated(e),
        "session.updated" => new ModelEvent.SessionUpdated(),
        "conversation.item.added" or "conversation.item.created" => Item(e) is { } item ? new ModelEvent.ItemAdded(e.Text("previous_item_id"), item) : null,
        "conversation.item.done" => Item(e) is { } item ? new ModelEvent.ItemDone(e.Text("previous_item_id"), item) : null,
        "conversation.item.deleted" => ItemId(e) is { } id ? new ModelEvent.ItemDeleted(id) : null,
        "conversation.item.truncated" => ItemId(e) is { } id ? new ModelEvent.ItemTruncated(id, e.Integer("content_index"), e.Integer("audio_end_ms")) : null,
        "input_audio_buffer.speech_started" => ItemId(e) is { } id ? new ModelEvent.SpeechStarted(id, e.Integer("audio_start_ms")) : null,
        "input_audio_buffer.speech_stopped" => ItemId(e) is { } id ? new ModelEvent.SpeechStopped(id, e.Integer("audio_end_ms")) : null,
        "input_audio_buffer.committed" => ItemId(e) is { } id ? new ModelEvent.InputCommitted(id, e.Text("previous_item_id")) : null,
        "input_audio_buffer.cleared" => new ModelEvent.InputCleared(),
        "input_audio_buffer.timeout_triggered" => ItemId(e) is { } id ? new ModelEvent.IdleTimeout(id) : null,
        "conversation.item.input_audio_transcription.delta" => ItemId(e) is { } id ? new ModelEvent.InputTranscriptDelta(id, e.Integer("content_index"), e.Text("delta") ?? "") : null,
        "conversation.item.input_audio_transcription.completed" => (ItemId(e), e.Text("transcript")) is ({ } id, { } text)
            ? new ModelEvent.InputTranscriptCompleted(id, e.Integer("content_index"), text, TranscriptionUsage(e)) : null,
        "conversation.item.input_audio_transcription.failed" => ItemId(e) is { } id
            ? new ModelEvent.InputTranscriptFailed(id, e.Child("error").Text("code"), e.Child("error").Text("message") ?? "") : null,
        "response.created" => e.Child("response") is var r && r.Text("id") is { } id ? new ModelEvent.ResponseCreated(id, r.Child("metadata").Text("bridge_tag")) : null,
        "response.done" => ResponseDone(e.Child("response")),
        "response.output_item.added" => (ResponseId(e), Item(e)) is ({ } r, { } item) ? new ModelEvent.OutputItemAdded(r, item) : null,
        "response.output_item.done" => (ResponseId(e), Item(e)) is ({ } r, { } item) ? new ModelEvent.OutputItemDone(r, item) : null,
        "response.output_audio.delta" => Part(e) is var (r, i, c) && e.Child("delta") is { ValueKind: JsonValueKind.String } delta && delta.TryGetBytesFromBase64(out var pcm)
            ? new ModelEvent.AudioDelta(r, i, c, pcm.AsMemory(0, pcm.Length & ~1)) : null,
        "response.output_audio.done" => Part(e) is var (r, i, c) ? new ModelEvent.AudioDone(r, i, c) : null,
        "response.output_audio_transcript.delta" => Part(e) is var (r, i, c) ? new ModelEvent.AudioTranscriptDelta(r, i, c, e.Text("delta") ?? "") : null,
        "response.output_audio_transcript.done" => Part(e) is var (r, i, c) ? new ModelEvent.AudioTranscriptDone(r, i, c, e.Text("transcript") ?? "") : null,
        "response.output_text.delta" => Part(e) is var (r, i, c) ? new ModelEvent.TextDelta(r, i, c, e.Text("delta") ?? "") : null,
        "response.output_text.done" => Part(e) is var (r, i, c) ? new ModelEvent.TextDone(r, i, c, e.Text("text") ?? "") : null,
        "response.function_call_arguments.done" => FunctionArguments(e),
        "rate_limits.updated" => RateLimits(e.Child("rate_limits")),
        "error" => Error(e.Child("error")),
        _ => new ModelEvent.Unknown(type.Length <= 128 ? type : type[..128]),
    };

    private static string? ItemId(JsonElement e) => e.Text("item_id");

    private static string? ResponseId(JsonElement e) => e.Text("response_id");

    private static (string Response, string Item, int Content)? Part(JsonElement e) =>
        (ResponseId(e), ItemId(e)) is ({ } r, { } i) ? (r, i, e.Integer("content_index")) : null;

    private static ModelEvent.SessionCreated SessionCreated(JsonElement e)
    {
        var session = e.Child("session");
        var expires = session.Number("expires_at");
        return new ModelEvent.SessionCreated(
            session.Text("id") ?? "",
            session.Text("model") ?? "",
            expires is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(expires * 1000)) : null);
    }

    // The name of the function comes with the event since GA; older services leave it to the item.
    private static ModelEvent? FunctionArguments(JsonElement e) =>
        (ResponseId(e), ItemId(e), e.Text("call_id")) is ({ } r, { } i, { } call)
            ? e.Text("name") is { } name
                ? new ModelEvent.FunctionArgumentsDone(r, i, call, name, e.Text("arguments") ?? "{}")
                : new ModelEvent.Unknown("response.function_call_arguments.done without a name")
            : null;

    private static ModelEvent.ResponseDone? ResponseDone(JsonElement response)
    {
        if (response.Text("id") is not { } id)
        {
            return null;
        }

        var items = new List<ModelItem>();
        foreach (var element in response.Elements("output"))
        {
            if (ItemOf(element) is { } item)
            {
                items.Add(item);
            }
        }

        var details = response.Child("status_details");
        return new ModelEvent.ResponseDone(
            id,
            response.Text("status") ?? "completed",
            details.Child("error").Text("code") ?? details.Text("reason") ?? details.Child("error").Text("type"),
            items,
            Usage(response.Child("usage")),
            response.Child("metadata").Text("bridge_tag"));
    }

    private static ModelUsage Usage(JsonElement usage)
    {
        var input = usage.Child("input_token_details");
        var cached = input.Child("cached_tokens_details");
        var output = usage.Child("output_token_details");
        return new ModelUsage(
            input.Integer("text_tokens"), input.Integer("audio_tokens"), input.Integer("image_tokens"),
            cached.Integer("text_tokens"), cached.Integer("audio_tokens"), cached.Integer("image_tokens"),
            output.Integer("text_tokens"), output.Integer("audio_tokens"));
    }

    private static ModelUsage TranscriptionUsage(JsonElement e)
    {
        var usage = e.Child("usage");
        return default(ModelUsage) with { TranscribedSeconds = usage.Number("seconds") ?? 0, TranscriptionTokens = usage.Integer("total_tokens") };
    }

    private static ModelEvent.RateLimitsUpdated RateLimits(JsonElement limits)
    {
        var (requests, tokens, reset) = (int.MaxValue, int.MaxValue, 0.0);
        if (limits.ValueKind == JsonValueKind.Array)
        {
            foreach (var limit in limits.EnumerateArray())
            {
                var remaining = limit.Integer("remaining");
                (requests, tokens) = limit.Text("name") == "requests" ? (Math.Min(requests, remaining), tokens) : (requests, Math.Min(tokens, remaining));
                reset = Math.Max(reset, limit.Number("reset_seconds") ?? 0);
            }
        }

        return new ModelEvent.RateLimitsUpdated(requests, tokens, reset);
    }

    private static ModelEvent.Error Error(JsonElement error) => new(
        error.Text("type") ?? "unknown", error.Text("code"), error.Text("message") ?? "", error.Text("param"), error.Text("event_id"));

    private static ModelItem? Item(JsonElement e) => ItemOf(e.Child("item"));

    private static ModelItem? ItemOf(JsonElement item)
    {
        if (item.Text("id") is not { } id)
        {
            return null;
        }

        var kind = (item.Text("type"), item.Text("role")) switch
        {
            ("message", "user") => ModelItemKind.UserMessage,
            ("message", "assistant") => ModelItemKind.AgentMessage,
            ("message", "system") => ModelItemKind.SystemMessage,
            ("function_call", _) => ModelItemKind.FunctionCall,
            ("function_call_output", _) => ModelItemKind.FunctionOutput,
            _ => ModelItemKind.Other,
        };
        var (text, image, audio) = ("", (string?)null, false);
        foreach (var part in item.Elements("content"))
        {
            text += part.Text("text") ?? part.Text("transcript") ?? "";
            image ??= part.Text("image_url");
            audio |= part.Text("type") is "output_audio" or "input_audio" or "audio";
        }

        return new ModelItem(id, kind)
        {
            Text = text,
            ImageUrl = image,
            IsAudio = audio,
            CallId = item.Text("call_id"),
            Name = item.Text("name"),
            Arguments = item.Text("arguments"),
            Output = item.Text("output"),
            Status = item.Text("status"),
        };
    }
}
