namespace Bridge.Roles.Templates;

/// <summary>A stretch of a template: text as it stands, or the inside of one tag.</summary>
internal sealed class TemplateToken
{
    public required TemplateTokenKind Kind { get; init; }

    /// <summary>Text, or the tag's inside without its sigil and tildes.</summary>
    public required string Content { get; set; }

    /// <summary>Where <see cref="Content"/> starts in the template.</summary>
    public required int Offset { get; init; }

    /// <summary><c>{{~</c>: the white space before is dropped.</summary>
    public bool TrimBefore { get; init; }

    /// <summary><c>~}}</c>: the white space after is dropped.</summary>
    public bool TrimAfter { get; init; }

    /// <summary>The white space before a partial that stands alone on its line.</summary>
    public string Indent { get; set; } = "";
}
