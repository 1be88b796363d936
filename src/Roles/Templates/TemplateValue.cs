using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>How Handlebars reads a JSON value; a missing one is <see cref="JsonValueKind.Undefined"/>.</summary>
internal static class TemplateValue
{
    public static JsonElement Of(string text) => JsonText.Build(text, static (json, value) => json.WriteStringValue(value));

    public static JsonElement Of(int number) => Of((decimal)number);

    public static JsonElement Of(decimal number) => JsonText.Build(number, static (json, value) => json.WriteNumberValue(value));

    public static JsonElement Of(bool value) => value ? JsonText.True : JsonText.False;

    public static bool IsTruthy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.Object => true,
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Number => !value.TryGetDouble(out var number) || number != 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    /// <summary>A member of an object, an item or the length of a list.</summary>
    public static JsonElement Member(JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.TryGetProperty(name, out var member):
                return member;
            case JsonValueKind.Array when name == "length":
                return Of(value.GetArrayLength());
            case JsonValueKind.Array when int.TryParse(name, out var index) && (uint)index < (uint)value.GetArrayLength():
                return value[index];
            default:
                return default;
        }
    }

    /// <summary>As it stands in the prompt; lists and mappings as JSON.</summary>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
