using System.Text.Json;
using Bridge.JsonSchema;
using Bridge.Roles.Documents;
using Bridge.Roles.Validation;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>Reads <c>outcome.schema.json</c>, and what the rehearsal model gives for it.</summary>
internal static class OutcomeFile
{
    public const string Name = "outcome.schema.json";

    private const string StockDescription = "Records what came of the call.";

    /// <summary>Reads the schema; null when there is none or it can't be used, which is said.</summary>
    public static RoleOutcome? Read(RoleFiles files, string folder, RecordsDocument? records, DocumentBinder binder, List<RoleError> errors)
    {
        if (files.Find(Name) is not { } bytes)
        {
            return null;
        }

        var file = $"{folder}/{Name}";
        if (!JsonTree.TryRead(file, bytes, out var root, out var mistake))
        {
            errors.Add(mistake);
            return null;
        }

        if (records?.Transcript == "no")
        {
            var place = binder.PlaceOf("Records.Transcript");
            errors.Add(new RoleError(
                $"{folder}/role.yaml", place?.Line ?? 0, place?.Column ?? 0,
                $"records.transcript is \"no\", so that an outcome would not be kept, either; remove {Name}, or keep the words."));
        }

        var before = errors.Count;
        SchemaLint.Check(file, root, "the schema", errors);
        if (errors.Count > before)
        {
            return null;
        }

        var json = root.ToJson();
        if (Schema.TryCompile(json, out var schema, out var problem)
            && FunctionParameters.TryNormalise(json, out var parameters, out problem))
        {
            var own = json.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            return new RoleOutcome(schema, parameters, own ?? StockDescription);
        }

        var at = YamlPointer.Find(root, problem.At);
        errors.Add(new RoleError(file, at.Line, at.Column, $"The schema can not be used: {problem}"));
        return null;
    }

    /// <summary>The outcome of the rehearsal model; null: none that fits is known.</summary>
    /// <param name="outcome">The role's; null: it has none.</param>
    /// <param name="scripted"><c>outcome:</c> of the script; null: none, so that one is made up from the schema.</param>
    /// <param name="file">The script, as errors spell it.</param>
    /// <param name="errors">Where errors go.</param>
    public static JsonElement? Rehearse(RoleOutcome? outcome, YamlNode? scripted, string file, List<RoleError> errors)
    {
        if (outcome is null)
        {
            if (scripted is not null)
            {
                errors.Add(new RoleError(file, scripted.Line, scripted.Column, $"outcome is of no use: the role has no {Name}."));
            }

            return null;
        }

        if (scripted is null)
        {
            return SchemaSample.Of(outcome.Parameters) is { } sample && outcome.Check(sample).Count == 0 ? sample : null;
        }

        var value = scripted.ToJson();
        foreach (var error in outcome.Check(value))
        {
            var place = YamlPointer.Find(scripted, "#" + error.Path);
            errors.Add(new RoleError(file, place.Line, place.Column, $"outcome{error.Path} {error.Problem} ({Name})."));
        }

        return value;
    }
}
