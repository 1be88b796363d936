using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.JsonSchema;
using Bridge.Roles.Documents;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Validation;

/// <summary>Checks the arguments that a script passes to a tool, in the words of a role's author and with their place.</summary>
/// <param name="file">The script's path.</param>
/// <param name="where">The arguments' path within the script, <c>rules[0].call[0].arguments</c>.</param>
/// <param name="errors">Takes the errors.</param>
internal sealed class ScriptedArguments(string file, string where, List<RoleError> errors)
{
    private static readonly string[] Branches = ["$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "additionalProperties"];

    /// <summary>Checks <paramref name="arguments"/>; null means none.</summary>
    /// <param name="arguments">The arguments of the script.</param>
    /// <param name="call">The place of the call.</param>
    /// <param name="schema">The tool's schema; one that can not be used is not the script's fault, and everything fits it.</param>
    public void Check(YamlNode? arguments, YamlNode call, JsonElement schema)
    {
        if (arguments is not (null or YamlMapping))
        {
            Add(arguments, $"{where} is {arguments.Kind}; it must be a mapping of argument names to values.");
            return;
        }

        if (schema.ValueKind != JsonValueKind.Object || !Schema.TryCompile(Closed(schema), out var compiled, out _))
        {
            return;
        }

        foreach (var error in compiled.Check(arguments?.ToJson() ?? JsonText.EmptyObject))
        {
            Tell(error, arguments, call);
        }
    }

    // An argument that the schema does not name is a slip of the author's, unless the schema says otherwise.
    private static JsonElement Closed(JsonElement schema)
    {
        var closed = JsonObject.Create(schema)!;
        closed["properties"] ??= new JsonObject();
        Close(closed);
        return JsonText.Build(closed, static (json, node) => node.WriteTo(json));
    }

    // As deep as YAML nests, which its reader bounds.
    private static void Close(JsonObject schema)
    {
        if (schema["properties"] is JsonObject properties)
        {
            foreach (var inner in properties.Select(property => property.Value).OfType<JsonObject>())
            {
                Close(inner);
            }

            if (!Branches.Any(schema.ContainsKey))
            {
                schema["additionalProperties"] = false;
            }
        }

        if (schema["items"] is JsonObject items)
        {
            Close(items);
        }
    }

    private void Tell(SchemaError error, YamlNode? arguments, YamlNode call)
    {
        var place = arguments ?? call;
        var (at, name, container) = (where, "", where);
        YamlNode value = place;
        foreach (var step in error.Path)
        {
            (container, place) = (at, value);
            name = step.Name ?? "";
            at = step.Name is not null ? $"{at}.{step.Name}" : FormattableString.Invariant($"{at}[{step.Index}]");
            value = value switch
            {
                YamlMapping mapping => mapping[name] ?? mapping,
                YamlSequence list when step.Index < list.Items.Count => list.Items[step.Index],
                _ => value,
            };
        }

        switch (error.Keyword)
        {
            case "required":
                Add(error.Path.Count == 1 ? call : place, $"{container} lacks the required argument \"{name}\".");
                break;
            case "additionalProperties":
                var key = (place as YamlMapping)?.Entries.FirstOrDefault(entry => entry.Key.Text == name).Key ?? place;
                var near = Suggestion.Nearest(name, error.Expected);
                Add(key, $"{container} has no argument \"{name}\"" + (near is null ? "." : $"; did you mean \"{near}\"?"));
                break;
            case "type":
                var wanted = string.Join(" or ", error.Expected);
                var article = wanted[0] is 'a' or 'i' or 'o' ? "an" : "a";
                Add(value, $"{at} is {value.Kind}; the tool wants {article} {wanted}"
                    + (wanted == "string" && value is YamlScalar { IsNull: false } ? ", so put it in quotes." : "."));
                break;
            case "enum" or "const":
                Add(value, $"{at} is {value.Kind}; the tool allows {string.Join(", ", error.Expected.Select(Plain))}.");
                break;
            default:
                Add(value, $"{at} {error.Problem}.");
                break;
        }
    }

    private static string Plain(string json) =>
        JsonElement.Parse(json) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : json;

    private void Add(YamlNode place, string message) => errors.Add(new RoleError(file, place.Line, place.Column, message));
}
