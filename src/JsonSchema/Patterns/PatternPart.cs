namespace Bridge.JsonSchema.Patterns;

/// <summary>A piece of a pattern: text of .NET's own syntax, or one code point of a set.</summary>
/// <param name="Text">Null for a set. Word boundaries are ASCII's: <see cref="WordBoundary"/>, <see cref="NoWordBoundary"/>.</param>
/// <param name="Set">Null for text.</param>
internal readonly record struct PatternPart(string? Text, CodePointSet? Set)
{
    public const string WordBoundary = @"\b";

    public const string NoWordBoundary = @"\B";
}
