using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Bridge.Realtime.OpenAi;

/// <summary>Reading of foreign JSON: what is missing or of another type is absent, never an exception.</summary>
internal static class JsonFields
{
    extension(JsonElement e)
    {
        public JsonElement Child(ReadOnlySpan<byte> name) =>
            e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var child) ? child : default;

        /// <summary>A string. Half a surrogate pair, which no UTF-8 can hold but JSON can escape, reads as U+FFFD.</summary>
        public string? Text(ReadOnlySpan<byte> name)
        {
            if (e.Child(name) is not { ValueKind: JsonValueKind.String } text)
            {
                return null;
            }

            try
            {
                return text.GetString();
            }
            catch (InvalidOperationException)
            {
                return Mend(JsonMarshal.GetRawUtf8Value(text)[1..^1]);
            }
        }

        public double? Number(ReadOnlySpan<byte> name) =>
            e.Child(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;

        public int Integer(ReadOnlySpan<byte> name) => e.Number(name) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : 0;

        public IEnumerable<JsonElement> Elements(ReadOnlySpan<byte> name) =>
            e.Child(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
    }

    // Reads the inside of a JSON string whose grammar was checked: RFC 8259 section 7 permits any UTF-16 code unit as \uXXXX.
    private static string Mend(ReadOnlySpan<byte> raw)
    {
        var units = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            if (raw[0] != '\\')
            {
                var plain = raw.IndexOf((byte)'\\') is var at and >= 0 ? at : raw.Length;
                units.Append(Encoding.UTF8.GetString(raw[..plain]));
                raw = raw[plain..];
            }
            else if (raw[1] == 'u')
            {
                units.Append((char)ushort.Parse(raw.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                raw = raw[6..];
            }
            else
            {
                units.Append(raw[1] switch
                {
                    (byte)'b' => '\b',
                    (byte)'f' => '\f',
                    (byte)'n' => '\n',
                    (byte)'r' => '\r',
                    (byte)'t' => '\t',
                    var other => (char)other,
                });
                raw = raw[2..];
            }
        }

        // The runtime's own replacement of what is no text: U+FFFD for each half.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(units.ToString()));
    }
}
