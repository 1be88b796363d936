using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Audio on the wire: <c>audio/pcm</c> is 24 kHz PCM16 little-endian, the others are G.711 at 8 kHz.</summary>
internal enum AudioEncoding
{
    Pcm,
    Pcmu,
    Pcma,
}

internal static class AudioEncodings
{
    public static AudioEncoding Read(JsonElement format) =>
        !format.TryGetProperty("type", out var type) || type.ValueEquals("audio/pcm") ? AudioEncoding.Pcm
        : type.ValueEquals("audio/pcmu") ? AudioEncoding.Pcmu
        : AudioEncoding.Pcma;

    public static void Write(this AudioEncoding encoding, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (encoding == AudioEncoding.Pcm)
        {
            json.WriteString("type"u8, "audio/pcm"u8);
            json.WriteNumber("rate"u8, 24_000);
        }
        else
        {
            json.WriteString("type"u8, encoding == AudioEncoding.Pcmu ? "audio/pcmu" : "audio/pcma");
        }

        json.WriteEndObject();
    }
}
