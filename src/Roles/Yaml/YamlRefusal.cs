namespace Bridge.Roles.Yaml;

/// <summary>The error of a document, thrown from the depth of a value to <see cref="YamlReader.TryRead"/>.</summary>
internal sealed class YamlRefusal(int line, int column, string message) : Exception(message)
{
    /// <summary>1-based.</summary>
    public int Line { get; } = line;

    /// <summary>1-based.</summary>
    public int Column { get; } = column;
}
