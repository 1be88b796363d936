namespace Bridge.JsonSchema;

/// <summary>Why a schema can not be used.</summary>
/// <param name="At">JSON pointer into the schema, as a fragment (RFC 6901 §6): <c>#/properties/a</c>.</param>
/// <param name="What">Goes on from the place: "must be an object".</param>
public readonly record struct SchemaProblem(string At, string What)
{
    internal static SchemaProblem HalfSurrogate => new("#", "holds half of a surrogate pair");

    /// <summary>A sentence.</summary>
    public override string ToString() => $"{At} {What}.";
}
