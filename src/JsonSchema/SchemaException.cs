namespace Bridge.JsonSchema;

/// <summary>Ends the reading of a schema that can not be used; the compiler catches it.</summary>
internal sealed class SchemaException(string at, string what) : Exception($"{at} {what}.")
{
    public SchemaProblem Problem { get; } = new(at, what);
}
