using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.Roles.Loading;

/// <summary>Makes up a plain value of a JSON Schema: defaults, first choices, and members that are required.</summary>
internal static class SchemaSample
{
    private const int MaxDepth = 16;
    private const int MaxItems = 16;

    /// <summary>A value, which may not fit where the schema asks for more than types and bounds; null: none is known.</summary>
    public static JsonElement? Of(JsonElement schema) =>
        Sample(schema, 0) is { } node ? JsonText.Build(node, static (json, value) => value.WriteTo(json)) : null;

    private static JsonNode? Sample(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return null;
        }

        if (Chosen(schema) is { } chosen)
        {
            return JsonNode.Parse(chosen.GetRawText());
        }

        foreach (var alternatives in (string[])["anyOf", "oneOf"])
        {
            if (First(schema, alternatives) is { } first)
            {
                return Sample(first, depth + 1);
            }
        }

        return TypeOf(schema) switch
        {
            "object" => Members(schema, depth),
            "array" => Items(schema, depth),
            "string" => JsonValue.Create(new string('x', Math.Clamp(Number(schema, "minLength") is { } least ? (int)least : 1, 1, 1_000))),
            "integer" => JsonValue.Create((long)Math.Ceiling(Number(schema, "minimum") ?? 0)),
            "number" => JsonValue.Create(Number(schema, "minimum") ?? 0),
            "boolean" => JsonValue.Create(false),
            _ => null,
        };
    }

    private static JsonElement? Chosen(JsonElement schema)
    {
        if (schema.TryGetProperty("const", out var value) || schema.TryGetProperty("default", out value))
        {
            return value;
        }

        return First(schema, "examples") ?? First(schema, "enum");
    }

    private static JsonObject Members(JsonElement schema, int depth)
    {
        var value = new JsonObject();
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
            && schema.TryGetProperty("properties", out var properties))
        {
            foreach (var item in required.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String))
            {
                var name = item.GetString()!;
                value[name] = properties.TryGetProperty(name, out var member) ? Sample(member, depth + 1) : null;
            }
        }

        return value;
    }

    private static JsonArray Items(JsonElement schema, int depth)
    {
        var count = Math.Clamp((int)(Number(schema, "minItems") ?? 0), 0, MaxItems);
        return schema.TryGetProperty("items", out var items) ? [.. Enumerable.Range(0, count).Select(_ => Sample(items, depth + 1))] : [];
    }

    private static JsonElement? First(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 ? list[0] : null;

    private static string? TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0 ? type[0].GetString()
            : type.ValueKind == JsonValueKind.String ? type.GetString()
            : null;
    }

    private static double? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.TryGetDouble(out var number) ? Math.Clamp(number, -1e15, 1e15) : null;
}
