using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Reads the common append of audio, of plain base64 and no other field, without a document.</summary>
internal static class AppendReader
{
    /// <summary>Type of the Realtime protocol's append.</summary>
    public static ReadOnlySpan<byte> Realtime => "input_audio_buffer.append"u8;

    /// <summary>Finds the base64 of an append; false for any other message and for broken JSON: the general path reads those.</summary>
    /// <param name="utf8">The message.</param>
    /// <param name="type">Type of an append in the session's protocol.</param>
    /// <param name="base64">Its audio.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> base64)
    {
        base64 = default;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            var (isAppend, hasAudio) = (false, false);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                var isAudio = reader.ValueTextEquals("audio"u8);
                if ((!isType && !isAudio) || !reader.Read() || reader.TokenType != JsonTokenType.String
                    || (isType && !reader.ValueTextEquals(type))
                    || (isAudio && (hasAudio || reader.ValueIsEscaped)))
                {
                    return false;
                }

                isAppend |= isType;
                if (isAudio)
                {
                    base64 = reader.ValueSpan;
                    hasAudio = true;
                }
            }

            return isAppend && hasAudio && reader.TokenType == JsonTokenType.EndObject && reader.BytesConsumed == utf8.Length;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken text: the general path reads it again and answers with the error.
            return false;
        }
    }
}
