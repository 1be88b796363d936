namespace Bridge.Roles.Templates;

/// <summary>A parsed template and the file it came from.</summary>
internal sealed class Template(string file, string text, IReadOnlyList<TemplateNode> nodes)
{
    public string File { get; } = file;

    public IReadOnlyList<TemplateNode> Nodes { get; } = nodes;

    public RoleError ErrorAt(int offset, string message) => ErrorAt(File, text, offset, message);

    public static RoleError ErrorAt(string file, string text, int offset, string message)
    {
        offset = Math.Min(offset, text.Length);
        var before = text.AsSpan(0, offset);
        var line = 1 + before.Count('\n');
        return new RoleError(file, line, offset - before.LastIndexOf('\n'), message);
    }
}
