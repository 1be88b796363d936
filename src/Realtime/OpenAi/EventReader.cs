using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// GA server events to <see cref="ModelEvent"/>. One per session: it remembers the ids of the response being spoken, so
/// that an audio delta costs its PCM and one small object. Never throws on what the wire brings.
/// </summary>
internal sealed class EventReader
{
    private string _responseId = "";
    private string _itemId = "";

    /// <summary>Reads one message. Anything that is no event becomes <see cref="ModelEvent.Malformed"/>.</summary>
    public ModelEvent Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            return TryReadAudio(message.Span, out var delta) ? delta : ReadAny(message);
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

    // Nine of ten bytes that come in are audio: read by the token, decoded once, straight into the memory that is played.
    private bool TryReadAudio(ReadOnlySpan<byte> message, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModelEvent? result)
    {
        result = null;
        var json = new Utf8JsonReader(message);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var isAudio = false;
        var contentIndex = 0;
        ReadOnlySpan<byte> response = default, item = default, delta = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan;
            if (!json.Read())
            {
                return false;
            }

            if (name.SequenceEqual("type"u8))
            {
                if (json.TokenType != JsonTokenType.String || !(json.ValueTextEquals("response.output_audio.delta"u8) || json.ValueTextEquals(BetaNames.AudioDelta)))
                {
                    return false;
                }

                isAudio = true;
            }
            else if (json.TokenType == JsonTokenType.String && !json.ValueIsEscaped)
            {
                if (name.SequenceEqual("delta"u8))
                {
                    delta = json.ValueSpan;
                }
                else if (name.SequenceEqual("response_id"u8))
                {
                    response = json.ValueSpan;
                }
                else if (name.SequenceEqual("item_id"u8))
                {
                    item = json.ValueSpan;
                }
            }
            else if (json.TokenType == JsonTokenType.String)
            {
                // Escapes, as in base64 with "\/", are rare enough for the general way.
                return false;
            }
            else if (json.TokenType == JsonTokenType.Number && name.SequenceEqual("content_index"u8))
            {
                json.TryGetInt32(out contentIndex);
            }
            else
            {
                json.Skip();
            }
        }

        if (!isAudio || json.TokenType != JsonTokenType.EndObject)
        {
            return false;
        }

        var pcm = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(delta.Length));
        if (Base64.DecodeFromUtf8(delta, pcm, out _, out var length) != OperationStatus.Done)
        {
            result = new ModelEvent.Malformed("audio that is no base64");
            return true;
        }

        result = new ModelEvent.AudioDelta(Remember(ref _responseId, response), Remember(ref _itemId, item), contentIndex, pcm.AsMemory(0, length & ~1));
        return true;
    }

    private static string Remember(ref string last, ReadOnlySpan<byte> utf8)
    {
        if (!Ascii.Equals(utf8, last))
        {
            last = Encoding.UTF8.GetString(utf8);
        }

        return last;
    }

    private ModelEvent ReadAny(ReadOnlyMemory<byte> message)
    {
        if (TryReadBare(message.Span) is { } bare)
        {
            return bare;
        }

        using var document = JsonDocument.Parse(message);
        var e = document.RootElement;
        if (e.ValueKind != JsonValueKind.Object || e.Text("type"u8) is not { } type)
        {
            return new ModelEvent.Malformed("the message has no type");
        }

        return EventFields.Read(BetaNames.Today(type), e) ?? new ModelEvent.Malformed("a field is missing in " + type);
    }

    // Every seventh event tells by its type, or by its type and response, all that is asked of it: it is read to its end,
    // and no more is made of it.
    private ModelEvent? TryReadBare(ReadOnlySpan<byte> message)
    {
        var json = new Utf8JsonReader(message);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        ReadOnlySpan<byte> response = default;
        ModelEvent? bare = null;
        string? part = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isType = json.ValueTextEquals("type"u8);
            var isResponse = json.ValueTextEquals("response_id"u8);
            json.Read();
            if (isType)
            {
                bare = json.TokenType == JsonTokenType.String ? EventFields.Bare(json.ValueSpan) : null;
                part = json.TokenType == JsonTokenType.String ? EventFields.BarePart(json.ValueSpan) : null;
                if (bare is null && part is null)
                {
                    return null;
                }
            }
            else if (isResponse && json.TokenType == JsonTokenType.String && !json.ValueIsEscaped)
            {
                response = json.ValueSpan;
            }

            json.Skip();
        }

        return part is null ? bare : new ModelEvent.Unknown(part, response.IsEmpty ? null : Remember(ref _responseId, response));
    }
}
