using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Live;

/// <summary>
/// Server events of <c>/v1/live/sessions</c> to <see cref="ModelEvent"/>. One per session: silence, which is half of all audio,
/// costs nothing, speech its PCM and one small object. Never throws on what the wire brings.
/// </summary>
/// <param name="time">For the lifetime of the session.</param>
internal sealed class LiveEventReader(TimeProvider time)
{
    private byte[] _scratch = [];
    private ModelEvent.AudioDelta? _silence;

    /// <summary>Reads one message. Anything that is no event becomes <see cref="ModelEvent.Malformed"/>.</summary>
    public ModelEvent Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            return TryReadAudio(message.Span) ?? ReadAny(message);
        }
        catch (JsonException)
        {
            return new ModelEvent.Malformed("the message is no JSON");
        }
        catch (InvalidOperationException)
        {
            return new ModelEvent.Malformed("a string of the message is no UTF-8");
        }
    }

    private ModelEvent? TryReadAudio(ReadOnlySpan<byte> message)
    {
        var json = new Utf8JsonReader(message);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var isAudio = false;
        ReadOnlySpan<byte> delta = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isType = json.ValueTextEquals("type"u8);
            var isDelta = json.ValueTextEquals("delta"u8);
            json.Read();
            if (isType)
            {
                if (json.TokenType != JsonTokenType.String || !json.ValueTextEquals("session.output_audio.delta"u8))
                {
                    return null;
                }

                isAudio = true;
            }
            else if (isDelta && json.TokenType == JsonTokenType.String)
            {
                // Escapes, as in base64 with "\/", are rare enough for a copy.
                delta = json.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan;
            }
            else
            {
                json.Skip();
            }
        }

        return isAudio && json.TokenType == JsonTokenType.EndObject ? Audio(delta) : null;
    }

    private ModelEvent Audio(ReadOnlySpan<byte> base64)
    {
        if (base64.IsEmpty)
        {
            return new ModelEvent.Malformed("a field is missing in session.output_audio.delta");
        }

        var most = Base64.GetMaxDecodedFromUtf8Length(base64.Length);
        _scratch = _scratch.Length >= most ? _scratch : GC.AllocateUninitializedArray<byte>(most);
        if (Base64.DecodeFromUtf8(base64, _scratch, out _, out var length) != OperationStatus.Done)
        {
            return new ModelEvent.Malformed("audio that is no base64");
        }

        length &= ~1;
        var pcm = _scratch.AsSpan(0, length);
        if (MemoryMarshal.Cast<byte, short>(pcm).ContainsAnyExcept((short)0))
        {
            return new ModelEvent.AudioDelta("", "", 0, pcm.ToArray());
        }

        if (_silence is null || _silence.Pcm.Length != length)
        {
            _silence = new ModelEvent.AudioDelta("", "", 0, new byte[length]) { IsSilent = true };
        }

        return _silence;
    }

    private ModelEvent ReadAny(ReadOnlyMemory<byte> message)
    {
        using var document = JsonDocument.Parse(message);
        var e = document.RootElement;
        if (e.ValueKind != JsonValueKind.Object || e.Text("type"u8) is not { } type)
        {
            return new ModelEvent.Malformed("the message has no type");
        }

        return Fields(type, e) ?? new ModelEvent.Malformed("a field is missing in " + (type.Length <= 128 ? type : type[..128]));
    }

    private ModelEvent? Fields(string type, JsonElement e) => type switch
    {
        "session.started" => Started(e.Child("session"u8)),
        "session.updated" => new ModelEvent.SessionUpdated(),
        "session.input_transcript.delta" => Words(e) is var (text, from, to) ? new LiveEvent.InputHeard(text, from, to) : null,
        "session.output_transcript.delta" => Words(e) is var (text, from, to) ? new LiveEvent.OutputSpoken(text, from, to) : null,
        "session.delegation.created" => Delegated(e.Child("delegation"u8)),
        "response.event" => Backend(e.Text("delegation_id"u8) ?? "", e.Child("event"u8)),
        "session.instructions.appended" => Appended(LiveAppend.Instructions, e),
        "session.thinking.appended" => Appended(LiveAppend.Thinking, e),
        "session.commentary.appended" => Appended(LiveAppend.Commentary, e),
        "session.usage.updated" => e.Child("usage"u8).Number("seconds"u8) is { } seconds and >= 0
            ? new LiveEvent.UsageUpdated(seconds, e.Child("usage"u8).Child("context_window"u8).Number("usage_ratio"u8)) : null,
        "session.closed" => e.Text("reason"u8) is { } reason
            ? new LiveEvent.SessionClosed(reason, e.Child("usage"u8).Number("seconds"u8)) : null,
        "error" => Error(e.Child("error"u8)),
        _ => new ModelEvent.Unknown(type.Length <= 128 ? type : type[..128]),
    };

    private LiveEvent.SessionStarted? Started(JsonElement session)
    {
        if (session.Text("id"u8) is not { Length: > 0 } id)
        {
            return null;
        }

        var expires = session.Number("expires_at"u8);
        return new LiveEvent.SessionStarted(
            id,
            expires is > 0 and < 253402300800
                ? DateTimeOffset.FromUnixTimeMilliseconds((long)(expires * 1000)) - time.GetUtcNow() : null);
    }

    private static (string Text, int From, int To)? Words(JsonElement e) =>
        e.Text("delta"u8) is { } text && e.Number("start_ms"u8) is >= 0 and <= int.MaxValue
            && e.Number("end_ms"u8) is >= 0 and <= int.MaxValue
            ? (text, e.Integer("start_ms"u8), Math.Max(e.Integer("start_ms"u8), e.Integer("end_ms"u8))) : null;

    private static LiveEvent.Delegated? Delegated(JsonElement delegation) =>
        (delegation.Text("id"u8), delegation.Text("target"u8)) is ({ Length: > 0 } id, { } target)
            ? new LiveEvent.Delegated(id, target == "client") : null;

    private static LiveEvent.Appended Appended(LiveAppend kind, JsonElement e) => new(kind, e.Integer("start_ms"u8), e.Integer("end_ms"u8));

    // Of the nested stream of the Responses API: the beginning, whole function calls, the end. A call is seen three times in it; its
    // item's end alone has all of it.
    private static ModelEvent? Backend(string delegation, JsonElement e) => e.Text("type"u8) switch
    {
        null => null,
        "response.created" => new ModelEvent.ResponseCreated(delegation, null),
        "response.output_item.done" when e.Child("item"u8) is var item && item.Text("type"u8) == "function_call" =>
            (item.Text("call_id"u8), item.Text("name"u8)) is ({ Length: > 0 } call, { } name)
                ? new ModelEvent.FunctionArgumentsDone(delegation, item.Text("id"u8) ?? call, call, name, item.Text("arguments"u8) ?? "{}")
                : null,
        "response.completed" => Done(delegation, "completed", e.Child("response"u8)),
        "response.incomplete" => Done(delegation, "incomplete", e.Child("response"u8)),
        "response.failed" => Done(delegation, "failed", e.Child("response"u8)),
        "response.cancelled" => Done(delegation, "cancelled", e.Child("response"u8)),
        var other => new ModelEvent.Unknown("response.event " + (other.Length <= 128 ? other : other[..128])),
    };

    private static ModelEvent.ResponseDone Done(string delegation, string status, JsonElement response)
    {
        var usage = response.Child("usage"u8);
        return new ModelEvent.ResponseDone(
            delegation,
            status,
            response.Child("error"u8).Text("code"u8) ?? response.Child("incomplete_details"u8).Text("reason"u8),
            [],
            new ModelUsage(
                Math.Max(0, usage.Integer("input_tokens"u8)), 0, 0,
                Math.Max(0, usage.Child("input_tokens_details"u8).Integer("cached_tokens"u8)), 0, 0,
                Math.Max(0, usage.Integer("output_tokens"u8)), 0),
            null);
    }

    private static ModelEvent.Error Error(JsonElement error) => new(
        error.Text("type"u8) ?? "unknown", error.Text("code"u8), error.Text("message"u8) ?? "", error.Text("param"u8),
        error.Text("client_event_id"u8));
}
