using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// Compiles the part of JSON Schema that the published schema uses into <see cref="Shape"/>s. References are bare names or
/// end in one; recursion does not occur there and is not supported.
/// </summary>
/// <param name="definitions">An object of named schemas.</param>
internal sealed class ShapeCompiler(JsonElement definitions)
{
    private readonly Dictionary<string, Shape> _named = [];

    public Shape Compile(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var path = reference.GetString()!;
            var name = path[(path.LastIndexOf('/') + 1)..];
            if (!_named.TryGetValue(name, out var shape))
            {
                _named[name] = shape = Compile(definitions.GetProperty(name));
            }

            return shape;
        }

        if (schema.TryGetProperty("anyOf", out var alternatives) || schema.TryGetProperty("oneOf", out alternatives))
        {
            return Union([.. alternatives.EnumerateArray().Select(Compile)]);
        }

        return (schema.TryGetProperty("type", out var type) ? type.GetString() : null) switch
        {
            "object" => Record(schema),
            "array" => new Shape.List(Compile(schema.GetProperty("items")), Whole(schema, "minItems") ?? 0),
            "string" => new Shape.Text(Words(schema), Whole(schema, "maxLength")),
            "integer" or "number" => new Shape.Number(
                type.GetString() == "integer", Real(schema, "minimum"), Real(schema, "maximum"), Numbers(schema)),
            "boolean" => new Shape.Boolean(),
            "null" => new Shape.Nothing(),
            _ => Shape.Anything.Instance,
        };
    }

    private Shape.Record Record(JsonElement schema)
    {
        var fields = new Dictionary<string, Shape>();
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                fields.Add(property.Name, Compile(property.Value));
            }
        }

        // The published reference lets a response's input name an item of the conversation; its schema forgot to.
        if (fields.TryGetValue("input", out var input) && fields.ContainsKey("conversation") && input is Shape.List)
        {
            var item = Compile(properties.GetProperty("input").GetProperty("items"));
            fields["input"] = new Shape.List(Union([item, ItemReference()]), 0);
        }

        string[] required = schema.TryGetProperty("required", out var names)
            ? [.. names.EnumerateArray().Select(n => n.GetString()!)]
            : [];
        Shape? others = schema.TryGetProperty("additionalProperties", out var rest) && rest.ValueKind == JsonValueKind.Object
            ? Compile(rest)
            : fields.Count == 0 && rest.ValueKind != JsonValueKind.False ? Shape.Anything.Instance : null;
        return new Shape.Record(fields, required, others);
    }

    private static Shape.Record ItemReference() => new(
        new Dictionary<string, Shape>
        {
            ["type"] = new Shape.Text(["item_reference"], null),
            ["id"] = new Shape.Text(null, null),
        },
        ["type", "id"],
        null);

    // Unions of unions are flattened; "any string or one of these" is any string.
    private static Shape Union(IEnumerable<Shape> shapes)
    {
        var flat = shapes.SelectMany(s => s is Shape.Union union ? union.Alternatives : [s]).ToArray();
        return flat.Length == 1 ? flat[0] : new Shape.Union(flat);
    }

    private static string[]? Words(JsonElement schema) =>
        schema.TryGetProperty("const", out var only) ? [only.GetString()!]
        : schema.TryGetProperty("enum", out var words) ? [.. words.EnumerateArray().Select(w => w.GetString()!)]
        : null;

    private static double[]? Numbers(JsonElement schema) => schema.TryGetProperty("enum", out var numbers)
        ? [.. numbers.EnumerateArray().Select(n => n.GetDouble())]
        : null;

    private static int? Whole(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) ? value.GetInt32() : null;

    private static double? Real(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) ? value.GetDouble() : null;
}
