using System.Text.Json;

namespace Bridge.Roles.Yaml;

/// <summary>A YAML value that knows where it stands; lines and columns are 1-based.</summary>
internal abstract class YamlNode(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The author's word for it.</summary>
    public abstract string Kind { get; }

    /// <summary>Nodes of the tree below and with this one, aliases counted at every place they stand.</summary>
    public abstract int Size { get; }

    /// <summary>Levels of the tree below and with this one.</summary>
    public abstract int Depth { get; }

    public abstract void WriteTo(Utf8JsonWriter json);

    public JsonElement ToJson() => JsonText.Build(this, static (json, node) => node.WriteTo(json));
}
