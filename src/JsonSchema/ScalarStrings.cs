using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.JsonSchema;

/// <summary>
/// Reads numbers and booleans that stand as JSON strings where a schema takes no string: <c>"3"</c> for an integer. Models write
/// them so. Only what loses nothing is read: the JSON grammar of a number (RFC 8259 §6) within 15 significant digits, which every
/// double keeps, or <c>true</c> and <c>false</c>.
/// </summary>
public static class ScalarStrings
{
    private const int MaxDigits = 15;
    private const int MaxLength = 32;
    private const int MaxDepth = 64;

    // A check reports at most so many errors at a time; a value with more strings to read takes another round.
    private const int MaxRounds = 16;

    /// <summary>
    /// Reads what stands as a string and is the only thing wrong with a value. False: the value stays as it is, because something
    /// else is wrong with it, or still is when the strings are read.
    /// </summary>
    /// <param name="schema">The rule that the value does not fit.</param>
    /// <param name="value">The value.</param>
    /// <param name="errors">Its errors, as <see cref="Schema.Check"/> reported them.</param>
    /// <param name="read">The value that fits the schema.</param>
    /// <param name="places">JSON pointers of what was read.</param>
    public static bool TryRead(
        Schema schema, JsonElement value, IReadOnlyList<SchemaError> errors, out JsonElement read, out IReadOnlyList<string> places)
    {
        var found = new List<string>();
        (read, places) = (value, found);
        if (errors.Count == 0 || errors.Any(error => !MayBeString(error)))
        {
            return false;
        }

        var root = JsonNode.Parse(value.GetRawText(), documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth });
        for (var round = 0; round < MaxRounds && errors.Count > 0; round++)
        {
            foreach (var error in errors)
            {
                if (!MayBeString(error) || !TryReplace(root, error.Path))
                {
                    return false;
                }

                found.Add(error.Path.ToString());
            }

            read = JsonElement.Parse(root!.ToJsonString());
            errors = schema.Check(read);
        }

        return errors.Count == 0;
    }

    // A string that breaks another keyword is a string where one is taken.
    private static bool MayBeString(SchemaError error) => error.Path.Count > 0 && error.Keyword switch
    {
        "type" => error.Actual == "string",
        "anyOf" or "oneOf" or "enum" or "const" => true,
        _ => false,
    };

    private static bool TryReplace(JsonNode? root, SchemaPath path)
    {
        var at = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            at = path[i].Name is { } name ? at?[name] : at?[path[i].Index];
        }

        var last = path[path.Count - 1];
        switch (at)
        {
            case JsonObject members when last.Name is { } name && Scalar(members[name]) is { } scalar:
                members[name] = scalar;
                return true;
            case JsonArray items when last.Name is null && Scalar(items[last.Index]) is { } scalar:
                items[last.Index] = scalar;
                return true;
            default:
                return false;
        }
    }

    private static JsonNode? Scalar(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: <= MaxLength } text
            && IsScalar(text)
            ? JsonNode.Parse(text)
            : null;

    private static bool IsScalar(string text)
    {
        if (text is "true" or "false")
        {
            return true;
        }

        if (text.Length == 0 || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) || text.Count(char.IsAsciiDigit) > MaxDigits)
        {
            return false;
        }

        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var parsed)
                && double.IsFinite(parsed);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
