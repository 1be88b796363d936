namespace Bridge.JsonSchema;

/// <summary>Where a value does not fit its schema, and what would be right.</summary>
/// <param name="Keyword">
/// The keyword that the value does not meet. Four are no keywords of JSON Schema: <c>false</c> (the schema that nothing
/// fits), <c>repeated</c> (a member stands twice), <c>number</c> (outside of double precision) and <c>limit</c> (the check
/// was given up: 128 schemas deep or 100,000 steps).
/// </param>
/// <param name="Path">The place of the value; for <c>required</c> and <c>additionalProperties</c> that of the member.</param>
/// <param name="Expected">
/// Type names for <c>type</c>, JSON texts for <c>enum</c> and <c>const</c>, known members for <c>additionalProperties</c>,
/// else the keyword's value as text; behind the limit of a number stand the types that the schema asks for, if any.
/// </param>
/// <param name="Actual">
/// Type name for <c>type</c>, a number for what is counted, JSON text for <c>enum</c>, <c>const</c> and limits of numbers;
/// empty for the others.
/// </param>
public sealed record SchemaError(string Keyword, SchemaPath Path, IReadOnlyList<string> Expected, string Actual)
{
    /// <summary>Goes on from the place: "must be a whole number, not a string".</summary>
    public string Problem => SchemaWords.Of(this);
}
