using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// The service's demands on declared tools beyond the published schema: names it can use, parameters of an object without
/// branches at its root, <c>properties</c> in every object and <c>items</c> in every array.
/// </summary>
internal static class ToolDeclarations
{
    private const int MaxNameLength = 64;

    private static readonly string[] NotAtTop = ["oneOf", "anyOf", "allOf", "enum", "not"];

    /// <summary>The fault of a checked <c>tools</c> array; null: nothing.</summary>
    /// <param name="tools">The array.</param>
    /// <param name="param">Where it stands, for instance <c>session.tools</c>.</param>
    public static ServiceError? Check(JsonElement tools, string param)
    {
        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var at = FormattableString.Invariant($"{param}[{index++}]");
            if (tool.TryGetProperty("type", out var type) && !type.ValueEquals("function"))
            {
                continue;
            }

            if (!tool.TryGetProperty("name", out var named) || named.ValueKind != JsonValueKind.String)
            {
                return ServiceError.Missing($"{at}.name");
            }

            var name = named.GetString()!;
            if (name.Length > MaxNameLength)
            {
                return ServiceError.TooLong($"{at}.name", MaxNameLength, name.Length);
            }

            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')))
            {
                return ServiceError.Invalid(
                    $"{at}.name", "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
            }

            if (tool.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                && CheckParameters(name, parameters, $"{at}.parameters") is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static ServiceError? CheckParameters(string function, JsonElement schema, string param)
    {
        if (!(schema.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("object")))
        {
            return ServiceError.Parameters(function, param);
        }

        if (NotAtTop.Any(keyword => schema.TryGetProperty(keyword, out _)))
        {
            return ServiceError.RootBranches(function, param);
        }

        // A queue, since schemas nest as deep as a message may.
        var open = new Queue<(JsonElement Schema, string Context)>([(schema, "")]);
        while (open.TryDequeue(out var next))
        {
            var (inner, context) = next;
            if (inner.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var lacks = Is(inner, "object") && !inner.TryGetProperty("properties", out _) ? "object schema missing properties"
                : Is(inner, "array") && !inner.TryGetProperty("items", out _) ? "array schema missing items"
                : null;
            if (lacks is not null)
            {
                return ServiceError.SchemaLacks(function, $"({context})", lacks, param);
            }

            foreach (var keyword in inner.EnumerateObject())
            {
                Follow(open, keyword.Name, keyword.Value, context.Length == 0 ? "" : context + ", ");
            }
        }

        return null;
    }

    private static void Follow(Queue<(JsonElement Schema, string Context)> open, string keyword, JsonElement value, string context)
    {
        switch (keyword)
        {
            case "properties" or "$defs" or "definitions" or "patternProperties" when value.ValueKind == JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    open.Enqueue((member.Value, $"{context}'{keyword}', '{member.Name}'"));
                }

                break;
            case "anyOf" or "oneOf" or "allOf" when value.ValueKind == JsonValueKind.Array:
                var index = 0;
                foreach (var part in value.EnumerateArray())
                {
                    open.Enqueue((part, FormattableString.Invariant($"{context}'{keyword}', '{index++}'")));
                }

                break;
            case "items" or "additionalProperties":
                open.Enqueue((value, $"{context}'{keyword}'"));
                break;
        }
    }

    private static bool Is(JsonElement schema, string type) => schema.TryGetProperty("type", out var types)
        && (types.ValueKind == JsonValueKind.Array
            ? types.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(type))
            : types.ValueKind == JsonValueKind.String && types.ValueEquals(type));
}
