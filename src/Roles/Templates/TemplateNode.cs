namespace Bridge.Roles.Templates;

/// <summary>A piece of a parsed template; <paramref name="Offset"/> is where it stands in its file.</summary>
internal abstract record TemplateNode(int Offset);

internal sealed record TextNode(int Offset, string Text) : TemplateNode(Offset);

internal sealed record ValueNode(int Offset, TemplateExpression Value) : TemplateNode(Offset);

/// <summary><c>{{#if}}</c>, <c>{{#unless}}</c>, <c>{{#each}}</c> or <c>{{#with}}</c>, with its names in <c>as |item index|</c>.</summary>
/// <remarks>
/// <c>{{else if}}</c> is a block of its own, <see cref="Next"/>, and <see cref="Else"/> is empty then. Chains are followed in a
/// loop: they may be as long as the file.
/// </remarks>
internal sealed record BlockNode(
    int Offset, BlockKind Kind, TemplateExpression Subject, IReadOnlyList<string> Names,
    IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Else, BlockNode? Next) : TemplateNode(Offset);

internal enum BlockKind
{
    If,
    Unless,
    Each,
    With,
}

internal sealed record PartialNode(int Offset, string Name, TemplateExpression? Subject, string Indent) : TemplateNode(Offset);
