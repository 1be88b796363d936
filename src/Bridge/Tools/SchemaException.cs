namespace Bridge.Tools;

/// <summary>A JSON Schema that can not be used.</summary>
internal sealed class SchemaException(string at, string problem) : Exception($"{at} {problem}.");
