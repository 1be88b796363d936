using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.JsonSchema;

/// <summary>
/// Brings the schema of a function's arguments into the form that the Realtime service takes: an object at the root without
/// <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c>, <c>not</c>, <c>enum</c> or a reference, <c>properties</c> in every object,
/// <c>items</c> in every array. The result takes every value that the schema takes, and for a root of alternatives more:
/// the model gets all members, and its arguments are checked against the schema as it was.
/// </summary>
public static class FunctionParameters
{
    private const int MaxDepth = 64;

    private static readonly string[] NotAtRoot = ["$ref", "anyOf", "oneOf", "allOf", "not", "enum", "const"];

    /// <summary>False: the schema is of no object, and why it can not be sent.</summary>
    /// <param name="schema">A schema that compiles; undefined: a function without arguments.</param>
    /// <param name="normalised">The form for the service; the schema itself when nothing had to change.</param>
    /// <param name="problem">Why there is none.</param>
    public static bool TryNormalise(JsonElement schema, out JsonElement normalised, out SchemaProblem problem)
    {
        problem = default;
        normalised = default;
        try
        {
            var root = schema.ValueKind is JsonValueKind.Undefined or JsonValueKind.True ? [] : Schema(schema, 0);
            if (schema.ValueKind == JsonValueKind.False)
            {
                throw new SchemaException("#", "fits nothing");
            }

            root = new RootMerger(root).Merge();
            foreach (var keyword in NotAtRoot)
            {
                root.Remove(keyword);
            }

            if (!MayBeObject(root))
            {
                throw new SchemaException("#/type", "must be object: the arguments of a function are one");
            }

            root["type"] = "object";
            root["properties"] ??= new JsonObject();
            normalised = Written(root);
            if (schema.ValueKind == JsonValueKind.Object && JsonElement.DeepEquals(normalised, schema))
            {
                normalised = schema;
            }

            return true;
        }
        catch (SchemaException exception)
        {
            problem = exception.Problem;
            return false;
        }
        catch (InvalidOperationException)
        {
            problem = SchemaProblem.HalfSurrogate;
            return false;
        }
    }

    private static JsonObject Schema(JsonElement schema, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new SchemaException("#", $"nests more than {MaxDepth} deep");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                return new JsonObject();
            case JsonValueKind.False:
                return new JsonObject { ["not"] = new JsonObject() };
            case JsonValueKind.Object:
                break;
            default:
                throw new SchemaException("#", "must be the schema of an object");
        }

        var result = new JsonObject();
        foreach (var keyword in schema.EnumerateObject().Where(keyword => !result.ContainsKey(keyword.Name)))
        {
            if (TryKeyword(schema, keyword.Name, keyword.Value, depth, out var value))
            {
                result[keyword.Name] = value;
            }
        }

        if (HasType(schema, "object"))
        {
            result["properties"] ??= new JsonObject();
        }

        if (HasType(schema, "array"))
        {
            result["items"] ??= new JsonObject();
        }

        return result;
    }

    // The value of a keyword in its form of 2020-12; false: it is left out.
    private static bool TryKeyword(JsonElement schema, string name, JsonElement value, int depth, out JsonNode? result)
    {
        var isFlag = value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        switch (name)
        {
            case "properties" or "patternProperties" or "$defs" or "definitions" or "dependentSchemas"
                when value.ValueKind == JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in value.EnumerateObject().Where(member => !members.ContainsKey(member.Name)))
                {
                    members[member.Name] = Schema(member.Value, depth + 1);
                }

                result = members;
                return true;
            case "items" when value.ValueKind == JsonValueKind.Array:
                result = new JsonObject { ["anyOf"] = Schemas(value, depth) }; // a tuple, until 2019-09
                return true;
            case "items" when isFlag:
                result = new JsonObject();
                return true;
            case "items" or "contains" or "not" or "if" or "then" or "else" or "propertyNames":
            case "additionalProperties" when value.ValueKind == JsonValueKind.Object:
                result = Schema(value, depth + 1);
                return true;
            case "anyOf" or "oneOf" or "allOf" or "prefixItems" when value.ValueKind == JsonValueKind.Array:
                result = Schemas(value, depth);
                return true;
            case "exclusiveMinimum" or "exclusiveMaximum" when isFlag:
                // Draft 4: a flag beside the limit.
                var limited = schema.TryGetProperty(name == "exclusiveMinimum" ? "minimum" : "maximum", out var limit);
                result = limited ? Raw(limit) : null;
                return limited && value.ValueKind == JsonValueKind.True;
            case "minimum" when IsSet(schema, "exclusiveMinimum"):
            case "maximum" when IsSet(schema, "exclusiveMaximum"):
            case "required" when isFlag: // draft 3
            case "additionalItems": // without meaning beside the items above
                result = null;
                return false;
            default:
                result = Raw(value);
                return true;
        }
    }

    private static bool IsSet(JsonElement schema, string flag) =>
        schema.TryGetProperty(flag, out var value) && value.ValueKind == JsonValueKind.True;

    private static JsonArray Schemas(JsonElement schemas, int depth) =>
        [.. schemas.EnumerateArray().Select(schema => Schema(schema, depth + 1))];

    private static JsonNode? Raw(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };

    // The serializer would look at types by reflection, which costs a start of the server more than this.
    private static JsonElement Written(JsonObject schema)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            schema.WriteTo(json);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static bool HasType(JsonElement schema, string type) => schema.TryGetProperty("type", out var types)
        && (types.ValueKind == JsonValueKind.Array
            ? types.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(type))
            : types.ValueKind == JsonValueKind.String && types.ValueEquals(type));

    internal static bool MayBeObject(JsonObject schema) => schema["type"] switch
    {
        null => true,
        JsonArray types => types.Any(type => type is JsonValue value && value.TryGetValue<string>(out var name) && name == "object"),
        JsonValue type => type.TryGetValue<string>(out var only) && only == "object",
        _ => false,
    };
}
