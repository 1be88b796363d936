using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.JsonSchema;
using PublishedValidator = NJsonSchema.JsonSchema;

namespace Bridge.Rehearsal.Tests;

/// <summary>
/// The published schema, twice: as NJsonSchema reads it, null allowed on optional fields; and as our own engine reads its
/// strict form, which also refuses fields the schema does not name.
/// </summary>
internal static class PublishedSchema
{
    private static readonly Lazy<JsonObject> Document = new(() =>
        (JsonObject)JsonNode.Parse(File.ReadAllText(Vectors.Path("openai-realtime/ga.schema.json")))!["components"]!["schemas"]!);

    private static readonly SchemaRules Rules = new() { NullForOptional = true, AlternativesByConstants = true };
    private static readonly Lazy<JsonElement> StrictDocument = new(() => JsonSerializer.SerializeToElement(
        new JsonObject(
            Document.Value.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)StrictSchema.Minimised(d.Value!, new Stack<string>()))))));

    private static readonly Dictionary<string, PublishedValidator> Schemas = [];
    private static readonly Dictionary<string, Schema> StrictSchemas = [];
    private static readonly Lock Gate = new();

    private static readonly Lazy<Dictionary<string, string>> ServerNames = new(() => Names("RealtimeServerEvent"));
    private static readonly Lazy<Dictionary<string, string>> ClientNames = new(() => Names("RealtimeClientEvent"));

    /// <summary>Definitions of the client's events, by type.</summary>
    public static IReadOnlyDictionary<string, string> ClientEvents => ClientNames.Value;

    /// <summary>Definitions of the server's events, by type.</summary>
    public static IReadOnlyDictionary<string, string> ServerEvents => ServerNames.Value;

    public static IEnumerable<string> Definitions => Document.Value.Select(d => d.Key);

    /// <summary>The schema's objections to an event of a named definition; empty: none.</summary>
    public static IReadOnlyList<string> Complaints(string definition, string json)
    {
        lock (Gate)
        {
            if (!Schemas.TryGetValue(definition, out var schema))
            {
                Schemas[definition] = schema = Load(definition);
            }

            return [.. schema.Validate(json).Select(e => e.ToString())];
        }
    }

    /// <summary>The first field or value that our strict reading refuses; null: none.</summary>
    public static string? Strict(string definition, string json)
    {
        lock (Gate)
        {
            if (!StrictSchemas.TryGetValue(definition, out var schema))
            {
                Assert.True(
                    Schema.TryCompile(StrictDocument.Value, $"#/{definition}", Rules, out schema, out var problem), problem.ToString());
                StrictSchemas[definition] = schema;
            }

            using var document = JsonDocument.Parse(json);
            return schema.Check(document.RootElement) is [var error, ..]
                ? $"'{error.Path.ToString().TrimStart('/').Replace('/', '.')}' {error.Problem}"
                : null;
        }
    }

    private static Dictionary<string, string> Names(string union)
    {
        var names = new Dictionary<string, string>();
        foreach (var alternative in Document.Value[union]!["anyOf"]!.AsArray())
        {
            var name = ((string)alternative!["$ref"]!).Split('/')[^1];
            var type = Document.Value[name]!["properties"]!["type"]!;
            names.Add((string?)type["const"] ?? (string)type["enum"]![0]!, name);
        }

        return names;
    }

    private static PublishedValidator Load(string definition)
    {
        var definitions = (JsonObject)Document.Value.DeepClone();
        AllowNull(definitions);
        var root = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/definitions/{definition}" }),
            ["definitions"] = definitions,
        };
        var text = root.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
        return PublishedValidator.FromJsonAsync(text).GetAwaiter().GetResult();
    }

    private static void AllowNull(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                AllowNull(item);
            }
        }

        if (node is not JsonObject schema)
        {
            return;
        }

        foreach (var member in schema)
        {
            AllowNull(member.Value);
        }

        // OpenAPI's discriminator is no part of JSON Schema, and NJsonSchema reads it in its own way.
        schema.Remove("discriminator");
        if (schema["const"] is JsonValue only)
        {
            // NJsonSchema 10 knows no const.
            schema.Remove("const");
            schema["enum"] = new JsonArray(only.DeepClone());
        }

        var required = schema["required"] as JsonArray;
        if (schema["properties"] is JsonObject properties && schema["type"] is JsonValue)
        {
            foreach (var name in properties.Select(p => p.Key).ToList())
            {
                if (required is null || !required.Any(r => (string)r! == name))
                {
                    var inner = properties[name]!.DeepClone();
                    properties[name] = new JsonObject { ["anyOf"] = new JsonArray(inner, new JsonObject { ["type"] = "null" }) };
                }
            }
        }
    }
}
