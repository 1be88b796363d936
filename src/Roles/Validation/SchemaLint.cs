using Bridge.Roles.Documents;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Validation;

/// <summary>
/// Checks what an author gets wrong in the JSON Schema of a tool, and whether scripted arguments fit it. It is no full
/// validator: the host validates the model's arguments with one.
/// </summary>
internal static class SchemaLint
{
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array", "null"];

    private static readonly string[] Keywords =
    [
        "type", "title", "description", "default", "examples", "enum", "const", "properties", "required", "additionalProperties",
        "items", "minItems", "maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "format", "anyOf", "oneOf", "allOf", "not", "minProperties", "maxProperties", "$defs", "$ref",
    ];

    /// <summary>Checks the schema of a tool's arguments.</summary>
    public static void Check(string file, YamlNode schema, string where, List<RoleError> errors)
    {
        if (schema is not YamlMapping mapping || mapping["type"] is not YamlScalar { Text: "object" })
        {
            errors.Add(new RoleError(file, schema.Line, schema.Column, $"{where} must be a JSON Schema of an object: `type: object` and `properties:`."));
            return;
        }

        Walk(file, mapping, where, errors);
    }

    /// <summary>Checks the arguments that a script passes to a tool.</summary>
    public static void CheckArguments(string file, YamlNode at, YamlNode? arguments, YamlMapping? schema, string where, List<RoleError> errors)
    {
        if (arguments is not (null or YamlMapping))
        {
            errors.Add(new RoleError(file, arguments.Line, arguments.Column, $"{where} is {arguments.Kind}; it must be a mapping of argument names to values."));
            return;
        }

        if (schema is not null)
        {
            Fit(file, at, (YamlMapping?)arguments ?? new YamlMapping(at.Line, at.Column, []), schema, where, errors);
        }
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
                            errors.Add(new RoleError(file, type.Line, type.Column, $"{where}.type is {type.Kind}; the types are {string.Join(", ", Types)}."));
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
                errors.Add(new RoleError(file, item.Line, item.Column, $"{where}.required names {item.Kind}, which is not among its properties."));
            }
        }
    }

    private static void Fit(string file, YamlNode at, YamlMapping arguments, YamlMapping schema, string where, List<RoleError> errors)
    {
        var properties = schema["properties"] as YamlMapping;
        foreach (var name in (schema["required"] as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
        {
            if (arguments[name.Text] is null)
            {
                errors.Add(new RoleError(file, at.Line, at.Column, $"{where} lacks the required argument \"{name.Text}\"."));
            }
        }

        foreach (var (name, value) in arguments.Entries)
        {
            if (properties?[name.Text] is YamlMapping property)
            {
                FitValue(file, value, property, $"{where}.{name.Text}", errors);
            }
            else if (properties?[name.Text] is null && schema["additionalProperties"] is not YamlMapping and not YamlScalar { Text: "true" })
            {
                var near = Suggestion.Nearest(name.Text, properties?.Entries.Select(entry => entry.Key.Text) ?? []);
                errors.Add(new RoleError(file, name.Line, name.Column, $"{where} has no argument \"{name.Text}\"" + (near is null ? "." : $"; did you mean \"{near}\"?")));
            }
        }
    }

    private static void FitValue(string file, YamlNode value, YamlMapping schema, string where, List<RoleError> errors)
    {
        if (schema["type"] is YamlScalar type)
        {
            var fits = type.Text switch
            {
                "string" => value is YamlScalar { IsNull: false } text && !text.TryGetBoolean(out _) && !text.TryGetNumber(out _),
                "integer" => value is YamlScalar integer && integer.TryGetInteger(out _),
                "number" => value is YamlScalar number && number.TryGetNumber(out _),
                "boolean" => value is YamlScalar boolean && boolean.TryGetBoolean(out _),
                "array" => value is YamlSequence,
                "object" => value is YamlMapping,
                _ => true,
            };
            if (!fits)
            {
                errors.Add(new RoleError(file, value.Line, value.Column, $"{where} is {value.Kind}; the tool wants {(type.Text is "integer" or "array" or "object" ? "an" : "a")} {type.Text}"
                    + (type.Text == "string" && value is YamlScalar { IsNull: false } ? ", so put it in quotes." : ".")));
                return;
            }
        }

        if (schema["enum"] is YamlSequence allowed && value is YamlScalar chosen && !allowed.Items.OfType<YamlScalar>().Any(item => item.Text == chosen.Text))
        {
            errors.Add(new RoleError(file, value.Line, value.Column, $"{where} is {value.Kind}; the tool allows {string.Join(", ", allowed.Items.OfType<YamlScalar>().Select(item => item.Text))}."));
        }

        if (value is YamlMapping inner && schema["properties"] is YamlMapping)
        {
            Fit(file, value, inner, schema, where, errors);
        }

        if (value is YamlSequence list && schema["items"] is YamlMapping items)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                FitValue(file, list.Items[i], items, $"{where}[{i}]", errors);
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
