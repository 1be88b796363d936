using System.Text.Json;

namespace Bridge.Realtime.OpenAi;

/// <summary>Reading of foreign JSON: what is missing or of another type is absent, never an exception.</summary>
internal static class JsonFields
{
    extension(JsonElement e)
    {
        public JsonElement Child(ReadOnlySpan<byte> name) =>
            e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var child) ? child : default;

        public string? Text(ReadOnlySpan<byte> name) => e.Child(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        public double? Number(ReadOnlySpan<byte> name) =>
            e.Child(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;

        public int Integer(ReadOnlySpan<byte> name) => e.Number(name) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : 0;

        public IEnumerable<JsonElement> Elements(ReadOnlySpan<byte> name) =>
            e.Child(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
    }
}
