using System.Text.Json;

namespace Bridge.JsonSchema;

/// <summary>
/// A JSON Schema, ready to check values: compiled once, safe for use by many threads. docs/decisions/0020 says why it is
/// ours. Schemas and values may be hostile: nothing here recurses on them without a bound.
/// </summary>
public sealed class Schema
{
    /// <summary>How many schemas deep a value is checked, references included.</summary>
    public const int MaxDepth = 128;

    private readonly SchemaNode _root;
    private readonly SchemaRules _rules;

    private Schema(SchemaNode root, SchemaRules rules)
    {
        (_root, _rules) = (root, rules);
    }

    /// <summary>Reads a schema; an undefined element accepts everything. False: it can not be used, and why.</summary>
    public static bool TryCompile(JsonElement schema, out Schema compiled, out SchemaProblem problem) =>
        TryCompile(schema, "#", SchemaRules.Standard, out compiled, out problem);

    /// <summary>Reads one schema of a document.</summary>
    /// <param name="document">The document that references within it are resolved against; it must outlive the compiled schema.</param>
    /// <param name="pointer">Names the schema: <c>#/$defs/name</c>; <c>#</c> is the whole document.</param>
    /// <param name="rules">How values are checked.</param>
    /// <param name="compiled">The schema.</param>
    /// <param name="problem">Why it can not be used.</param>
    public static bool TryCompile(JsonElement document, string pointer, SchemaRules rules, out Schema compiled, out SchemaProblem problem)
    {
        problem = default;
        try
        {
            var root = document.ValueKind == JsonValueKind.Undefined ? new SchemaNode() : SchemaCompiler.Compile(document, pointer);
            compiled = new Schema(root, rules);
            return true;
        }
        catch (SchemaException exception)
        {
            compiled = null!;
            problem = exception.Problem;
            return false;
        }
        catch (InvalidOperationException)
        {
            // The framework's reader lets an escaped half of a surrogate pair pass, and then can not turn it into a string.
            compiled = null!;
            problem = SchemaProblem.HalfSurrogate;
            return false;
        }
    }

    /// <summary>How a value does not fit; empty when it does.</summary>
    public IReadOnlyList<SchemaError> Check(JsonElement value) => new SchemaChecker(_rules).Check(_root, value);
}
