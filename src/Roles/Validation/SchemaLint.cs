using Bridge.Roles.Documents;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Validation;

/// <summary>
/// Checks what an author gets wrong in the JSON Schema of a tool and JSON Schema itself lets pass: misspelt keywords,
/// requirements that are no arguments. Whether a schema can be used at all is the engine's to say.
/// </summary>
internal static class SchemaLint
{
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array", "null"];

    private static readonly string[] Keywords =
    [
        "type", "title", "description", "default", "examples", "enum", "const", "properties", "required", "additionalProperties",
        "items", "minItems", "maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "format", "anyOf", "oneOf", "allOf", "not", "minProperties", "maxProperties", "$defs", "$ref",
        "$schema", "$id", "$comment",
    ];

    /// <summary>Checks the schema of a tool's arguments.</summary>
    public static void Check(string file, YamlNode schema, string where, List<RoleError> errors)
    {
        if (schema is not YamlMapping mapping || mapping["type"] is not YamlScalar { Text: "object" })
        {
            errors.Add(
                new RoleError(
                    file, schema.Line, schema.Column, $"{where} must be a JSON Schema of an object: `type: object` and `properties:`."));
            return;
        }

        Walk(file, mapping, where, errors);
    }

    private static void Walk(string file, YamlMapping schema, string where, List<RoleError> errors)
    {
        foreach (var (key, value) in schema.Entries)
        {
            if (!Keywords.Contains(key.Text, StringComparer.Ordinal))
            {
                var near = Suggestion.Nearest(key.Text, Keywords);
                errors.Add(new RoleError(file, key.Line, key.Column, $"\"{key.Text}\" is no keyword of JSON Schema"
                    + (near is not null ? $"; did you mean \"{near}\"?"
                        : value is YamlScalar { IsNull: true } ? "; a text with a comma needs quotes inside { }."
                        : "; an argument's name belongs below `properties:`.")));
            }

            switch (key.Text)
            {
                case "type":
                    foreach (var type in value is YamlSequence many ? many.Items : [value])
                    {
                        if (type is not YamlScalar scalar || !Types.Contains(scalar.Text, StringComparer.Ordinal))
                        {
                            errors.Add(
                                new RoleError(
                                    file,
                                    type.Line,
                                    type.Column,
                                    $"{where}.type is {type.Kind}; the types are {string.Join(", ", Types)}."));
                        }
                    }

                    break;
                case "properties":
                    foreach (var (name, property) in (value as YamlMapping)?.Entries ?? [])
                    {
                        Descend(file, property, $"{where}.properties.{name.Text}", errors);
                    }

                    MustBe<YamlMapping>(file, value, $"{where}.properties", "a mapping of argument names to their schemas", errors);
                    break;
                case "required":
                    CheckRequired(file, schema, value, where, errors);
                    break;
                case "items":
                    Descend(file, value, $"{where}.items", errors);
                    break;
                case "enum":
                    MustBe<YamlSequence>(file, value, $"{where}.enum", "a list", errors);
                    break;
            }
        }
    }

    private static void Descend(string file, YamlNode node, string where, List<RoleError> errors)
    {
        if (node is YamlMapping mapping)
        {
            Walk(file, mapping, where, errors);
        }
        else
        {
            MustBe<YamlMapping>(file, node, where, "a schema such as { type: string }", errors);
        }
    }

    private static void CheckRequired(string file, YamlMapping schema, YamlNode required, string where, List<RoleError> errors)
    {
        MustBe<YamlSequence>(file, required, $"{where}.required", "a list of argument names", errors);
        var properties = (schema["properties"] as YamlMapping)?.Entries.Select(entry => entry.Key.Text).ToList() ?? [];
        foreach (var item in (required as YamlSequence)?.Items ?? [])
        {
            if (item is not YamlScalar name || !properties.Contains(name.Text))
            {
                errors.Add(
                    new RoleError(file, item.Line, item.Column, $"{where}.required names {item.Kind}, which is not among its properties."));
            }
        }
    }

    private static void MustBe<T>(string file, YamlNode node, string where, string what, List<RoleError> errors)
        where T : YamlNode
    {
        if (node is not T)
        {
            errors.Add(new RoleError(file, node.Line, node.Column, $"{where} is {node.Kind}; it must be {what}."));
        }
    }
}
