using System.Globalization;
using System.Text.Json.Nodes;

namespace Bridge.JsonSchema;

/// <summary>Makes one object schema of what a root, its references and its branches say of members.</summary>
internal sealed class RootMerger(JsonObject document)
{
    // Alternatives of alternatives multiply; this is far above any honest root.
    private const int MaxMerged = 64;

    private int _merged;

    public JsonObject Merge() => Merge(document);

    private JsonObject Merge(JsonObject schema)
    {
        if (++_merged > MaxMerged)
        {
            throw new SchemaException("#", "has too many references and alternatives at its root, or refers to itself without end");
        }

        var merged = (JsonObject)schema.DeepClone();
        if (schema["$ref"] is JsonValue reference)
        {
            MergeAll(merged, Merge(Resolve((string)reference!)));
        }

        foreach (var part in Parts(schema, "allOf"))
        {
            MergeAll(merged, Merge(part));
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            var alternatives = Parts(schema, keyword).Select(part => Merge(part)).Where(FunctionParameters.MayBeObject).ToList();
            if (alternatives.Count > 0)
            {
                MergeAll(merged, AnyOf(alternatives));
            }
            else if (schema.ContainsKey(keyword))
            {
                throw new SchemaException($"#/{keyword}", "has no alternative that is an object: the arguments of a function are one");
            }
        }

        return merged;
    }

    private static IEnumerable<JsonObject> Parts(JsonObject schema, string keyword) =>
        schema[keyword] is JsonArray parts ? parts.OfType<JsonObject>() : [];

    // A member that all alternatives require is required; one that they describe differently may be as either says.
    private static JsonObject AnyOf(List<JsonObject> alternatives)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in alternatives.SelectMany(alternative => alternative["properties"] as JsonObject ?? []))
        {
            if (!properties.TryGetPropertyValue(name, out var known))
            {
                properties[name] = schema?.DeepClone();
            }
            else if (known?["anyOf"] is JsonArray either && known.AsObject().Count == 1)
            {
                if (!either.Any(one => JsonNode.DeepEquals(one, schema)))
                {
                    either.Add(schema?.DeepClone());
                }
            }
            else if (!JsonNode.DeepEquals(known, schema))
            {
                properties[name] = new JsonObject { ["anyOf"] = new JsonArray(known?.DeepClone(), schema?.DeepClone()) };
            }
        }

        var required = alternatives.Select(Required).Aggregate((all, one) => [.. all.Intersect(one)]);
        return new JsonObject { ["properties"] = properties, ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]) };
    }

    // Adds what another schema asks for besides; what both say of one member holds both ways.
    private static void MergeAll(JsonObject merged, JsonObject other)
    {
        foreach (var (keyword, value) in other)
        {
            if (keyword == "properties" && merged["properties"] is JsonObject properties)
            {
                foreach (var (name, schema) in (JsonObject)value!)
                {
                    properties[name] = !properties.TryGetPropertyValue(name, out var known) || JsonNode.DeepEquals(known, schema)
                        ? schema?.DeepClone()
                        : new JsonObject { ["allOf"] = new JsonArray(known?.DeepClone(), schema?.DeepClone()) };
                }
            }
            else if (keyword == "required" && value is JsonArray)
            {
                var names = Required(merged).Union(Required(other)).Select(name => (JsonNode)name).ToArray();
                merged.Remove("required");
                if (names.Length > 0)
                {
                    merged["required"] = new JsonArray(names);
                }
            }
            else if (!merged.ContainsKey(keyword))
            {
                merged[keyword] = value?.DeepClone();
            }
        }
    }

    private static string[] Required(JsonObject schema) =>
        schema["required"] is JsonArray names ? [.. names.OfType<JsonValue>().Select(name => (string)name!).Distinct()] : [];

    private JsonObject Resolve(string pointer)
    {
        JsonNode? target = document;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = SchemaPath.Unescape(step);
            target = target switch
            {
                JsonObject parent => parent[name],
                JsonArray list when TryIndex(list, name, out var index) => list[index],
                _ => null,
            };
        }

        return target as JsonObject ?? throw new SchemaException("#/$ref", $"refers to {pointer}, which is no schema of an object");
    }

    private static bool TryIndex(JsonArray list, string name, out int index) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < list.Count;
}
