using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>The content of a tag.</summary>
internal abstract record TemplateExpression(int Offset);

/// <summary>A path such as <c>data.menu.items</c>, <c>this</c>, <c>../name</c> or <c>@index</c>.</summary>
/// <param name="Offset">Where it stands.</param>
/// <param name="Text">As written.</param>
/// <param name="Up">Number of <c>../</c>.</param>
/// <param name="Data">The name after <c>@</c>; null for a path into the context.</param>
/// <param name="Segments">The members; empty for <c>this</c>.</param>
internal sealed record PathExpression(
    int Offset, string Text, int Up, string? Data, IReadOnlyList<string> Segments) : TemplateExpression(Offset)
{
    /// <summary><c>this.name</c> and <c>../name</c> never mean a block's own name.</summary>
    public bool Explicit { get; init; }
}

internal sealed record LiteralExpression(int Offset, JsonElement Value) : TemplateExpression(Offset);

/// <summary>A helper with its arguments.</summary>
internal sealed record CallExpression(int Offset, string Name, IReadOnlyList<TemplateExpression> Arguments) : TemplateExpression(Offset);
