using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>The fields of each server event. Null: a field without which the event means nothing is missing or of the wrong type.</summary>
internal static class EventFields
{
    private static readonly ModelEvent SessionUpdated = new ModelEvent.SessionUpdated();
    private static readonly ModelEvent InputCleared = new ModelEvent.InputCleared();
    private static readonly ModelEvent ConversationCreated = new ModelEvent.Unknown("conversation.created");

    /// <summary>The event, when its type alone makes it; else null.</summary>
    public static ModelEvent? Bare(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("session.updated"u8) ? SessionUpdated
        : type.SequenceEqual("input_audio_buffer.cleared"u8) ? InputCleared
        : type.SequenceEqual("conversation.created"u8) ? ConversationCreated
        : null;

    /// <summary>The event's name, when all that matters of it beside is its response; else null.</summary>
    public static string? BarePart(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("response.content_part.added"u8) ? "response.content_part.added"
        : type.SequenceEqual("response.content_part.done"u8) ? "response.content_part.done"
        : type.SequenceEqual("response.function_call_arguments.delta"u8) ? "response.function_call_arguments.delta"
        : null;

    public static ModelEvent? Read(string type, JsonElement e) => type switch
    {
        "session.created" => SessionCreated(e),
        "conversation.item.added" or "conversation.item.created" => Item(e) is { } item ? new ModelEvent.ItemAdded(e.Text("previous_item_id"u8), item) : null,
        "conversation.item.done" => Item(e) is { } item ? new ModelEvent.ItemDone(e.Text("previous_item_id"u8), item) : null,
        "conversation.item.deleted" => ItemId(e) is { } id ? new ModelEvent.ItemDeleted(id) : null,
        "conversation.item.truncated" => ItemId(e) is { } id ? new ModelEvent.ItemTruncated(id, e.Integer("content_index"u8), e.Integer("audio_end_ms"u8)) : null,
        "input_audio_buffer.speech_started" => new ModelEvent.SpeechStarted(ItemId(e) ?? "", e.Integer("audio_start_ms"u8)),
        "input_audio_buffer.speech_stopped" => new ModelEvent.SpeechStopped(ItemId(e) ?? "", e.Integer("audio_end_ms"u8)),
        "input_audio_buffer.committed" => ItemId(e) is { } id ? new ModelEvent.InputCommitted(id, e.Text("previous_item_id"u8)) : null,
        "input_audio_buffer.timeout_triggered" => ItemId(e) is { } id ? new ModelEvent.IdleTimeout(id) : null,
        "conversation.item.input_audio_transcription.delta" => ItemId(e) is { } id ? new ModelEvent.InputTranscriptDelta(id, e.Integer("content_index"u8), e.Text("delta"u8) ?? "") : null,
        "conversation.item.input_audio_transcription.completed" => (ItemId(e), e.Text("transcript"u8)) is ({ } id, { } text)
            ? new ModelEvent.InputTranscriptCompleted(id, e.Integer("content_index"u8), text, TranscriptionUsage(e)) : null,
        "conversation.item.input_audio_transcription.failed" => ItemId(e) is { } id
            ? new ModelEvent.InputTranscriptFailed(id, e.Child("error"u8).Text("code"u8), e.Child("error"u8).Text("message"u8) ?? "") : null,
        "response.created" => e.Child("response"u8) is var r && r.Text("id"u8) is { } id ? new ModelEvent.ResponseCreated(id, r.Child("metadata"u8).Text("bridge_tag"u8)) : null,
        "response.done" => ResponseDone(e.Child("response"u8)),
        "response.output_item.added" => (ResponseId(e), Item(e)) is ({ } r, { } item) ? new ModelEvent.OutputItemAdded(r, item) : null,
        "response.output_item.done" => (ResponseId(e), Item(e)) is ({ } r, { } item) ? new ModelEvent.OutputItemDone(r, item) : null,
        "response.output_audio.delta" => Part(e) is var (r, i, c) && e.Child("delta"u8) is { ValueKind: JsonValueKind.String } delta && delta.TryGetBytesFromBase64(out var pcm)
            ? new ModelEvent.AudioDelta(r, i, c, pcm.AsMemory(0, pcm.Length & ~1)) : null,
        "response.output_audio.done" => Part(e) is var (r, i, c) ? new ModelEvent.AudioDone(r, i, c) : null,
        "response.output_audio_transcript.delta" => Part(e) is var (r, i, c) ? new ModelEvent.AudioTranscriptDelta(r, i, c, e.Text("delta"u8) ?? "") : null,
        "response.output_audio_transcript.done" => Part(e) is var (r, i, c) ? new ModelEvent.AudioTranscriptDone(r, i, c, e.Text("transcript"u8) ?? "") : null,
        "response.output_text.delta" => Part(e) is var (r, i, c) ? new ModelEvent.TextDelta(r, i, c, e.Text("delta"u8) ?? "") : null,
        "response.output_text.done" => Part(e) is var (r, i, c) ? new ModelEvent.TextDone(r, i, c, e.Text("text"u8) ?? "") : null,
        "response.function_call_arguments.done" => FunctionArguments(e),
        "rate_limits.updated" => RateLimits(e.Child("rate_limits"u8)),
        "error" => Error(e.Child("error"u8)),
        _ => new ModelEvent.Unknown(type.Length <= 128 ? type : type[..128], ResponseId(e) ?? e.Child("response"u8).Text("id"u8)),
    };

    private static string? ItemId(JsonElement e) => e.Text("item_id"u8);

    private static string? ResponseId(JsonElement e) => e.Text("response_id"u8);

    private static (string Response, string Item, int Content)? Part(JsonElement e) =>
        (ResponseId(e), ItemId(e)) is ({ } r, { } i) ? (r, i, e.Integer("content_index"u8)) : null;

    private static ModelEvent.SessionCreated SessionCreated(JsonElement e)
    {
        var session = e.Child("session"u8);
        var expires = session.Number("expires_at"u8);
        return new ModelEvent.SessionCreated(
            session.Text("id"u8) ?? "",
            session.Text("model"u8) ?? "",
            expires is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(expires * 1000)) : null)
        {
            LooksLike = LooksLike(e, session),
        };
    }

    // LocalAI numbers no event. Speaches says which model speaks. Sessions before general availability have modalities and formats at
    // their top. Hugging Face's have a type, and neither model nor object.
    private static string LooksLike(JsonElement e, JsonElement session) =>
        e.Text("event_id"u8) == "event_TODO" ? "localai"
        : session.Text("speech_model"u8) is not null ? "speaches"
        : session.Text("type"u8) is not null
            ? session.Text("model"u8) is null && session.Text("object"u8) is null && session.Text("id"u8) is not null ? "huggingface" : "openai"
        : session.Child("audio"u8).ValueKind != JsonValueKind.Object
            && (session.Child("modalities"u8).ValueKind == JsonValueKind.Array || session.Text("input_audio_format"u8) is not null) ? "beta"
        : "openai";

    // The name of the function comes with the event since GA; older services leave it to the item.
    private static ModelEvent? FunctionArguments(JsonElement e) =>
        (ResponseId(e), ItemId(e), e.Text("call_id"u8)) is ({ } r, { } i, { } call)
            ? e.Text("name"u8) is { } name
                ? new ModelEvent.FunctionArgumentsDone(r, i, call, name, e.Text("arguments"u8) ?? "{}")
                : new ModelEvent.Unknown("response.function_call_arguments.done without a name", r)
            : null;

    private static ModelEvent.ResponseDone? ResponseDone(JsonElement response)
    {
        if (response.Text("id"u8) is not { } id)
        {
            return null;
        }

        var items = new List<ModelItem>();
        foreach (var element in response.Elements("output"u8))
        {
            if (ItemOf(element) is { } item)
            {
                items.Add(item);
            }
        }

        var details = response.Child("status_details"u8);
        return new ModelEvent.ResponseDone(
            id,
            response.Text("status"u8) ?? "completed",
            details.Child("error"u8).Text("code"u8) ?? details.Text("reason"u8) ?? details.Child("error"u8).Text("type"u8),
            items,
            Usage(response.Child("usage"u8)),
            response.Child("metadata"u8).Text("bridge_tag"u8));
    }

    private static ModelUsage Usage(JsonElement usage)
    {
        var input = usage.Child("input_token_details"u8);
        var cached = input.Child("cached_tokens_details"u8);
        var output = usage.Child("output_token_details"u8);
        return new ModelUsage(
            input.Integer("text_tokens"u8), input.Integer("audio_tokens"u8), input.Integer("image_tokens"u8),
            cached.Integer("text_tokens"u8), cached.Integer("audio_tokens"u8), cached.Integer("image_tokens"u8),
            output.Integer("text_tokens"u8), output.Integer("audio_tokens"u8));
    }

    private static ModelUsage TranscriptionUsage(JsonElement e)
    {
        var usage = e.Child("usage"u8);
        return default(ModelUsage) with { TranscribedSeconds = usage.Number("seconds"u8) ?? 0, TranscriptionTokens = usage.Integer("total_tokens"u8) };
    }

    private static ModelEvent.RateLimitsUpdated RateLimits(JsonElement limits)
    {
        var (requests, tokens, reset) = (int.MaxValue, int.MaxValue, 0.0);
        if (limits.ValueKind == JsonValueKind.Array)
        {
            foreach (var limit in limits.EnumerateArray())
            {
                var remaining = limit.Integer("remaining"u8);
                (requests, tokens) = limit.Text("name"u8) == "requests" ? (Math.Min(requests, remaining), tokens) : (requests, Math.Min(tokens, remaining));
                reset = Math.Max(reset, limit.Number("reset_seconds"u8) ?? 0);
            }
        }

        return new ModelEvent.RateLimitsUpdated(requests, tokens, reset);
    }

    // Some servers have the code where the type belongs.
    private static ModelEvent.Error Error(JsonElement error)
    {
        var type = error.Text("type"u8) ?? "unknown";
        var code = error.Text("code"u8) ?? (type.EndsWith("_error", StringComparison.Ordinal) || type == "unknown" ? null : type);
        return new(type, code, error.Text("message"u8) ?? "", error.Text("param"u8), error.Text("event_id"u8));
    }

    private static ModelItem? Item(JsonElement e) => ItemOf(e.Child("item"u8));

    private static ModelItem? ItemOf(JsonElement item)
    {
        if (item.Text("id"u8) is not { } id)
        {
            return null;
        }

        var kind = (item.Text("type"u8), item.Text("role"u8)) switch
        {
            ("message", "user") => ModelItemKind.UserMessage,
            ("message", "assistant") => ModelItemKind.AgentMessage,
            ("message", "system") => ModelItemKind.SystemMessage,
            ("function_call", _) => ModelItemKind.FunctionCall,
            ("function_call_output", _) => ModelItemKind.FunctionOutput,
            _ => ModelItemKind.Other,
        };
        var (text, image, audio) = ("", (string?)null, false);
        foreach (var part in item.Elements("content"u8))
        {
            text += part.Text("text"u8) ?? part.Text("transcript"u8) ?? "";
            image ??= part.Text("image_url"u8);
            audio |= part.Text("type"u8) is "output_audio" or "input_audio" or "audio";
        }

        return new ModelItem(id, kind)
        {
            Text = text,
            ImageUrl = image,
            IsAudio = audio,
            CallId = item.Text("call_id"u8),
            Name = item.Text("name"u8),
            Arguments = item.Text("arguments"u8),
            Output = item.Text("output"u8),
            Status = item.Text("status"u8),
        };
    }
}
