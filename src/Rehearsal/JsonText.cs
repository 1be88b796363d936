using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Text fields of a client's JSON object.</summary>
internal static class JsonText
{
    /// <summary>The field's text, or null when it is absent or no string.</summary>
    public static string? Of(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
