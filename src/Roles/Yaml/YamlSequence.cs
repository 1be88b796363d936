using System.Text.Json;

namespace Bridge.Roles.Yaml;

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    public YamlSequence(int line, int column, IReadOnlyList<YamlNode> items)
        : base(line, column)
    {
        Items = items;
        (Size, Depth) = (1, 1);
        foreach (var item in items)
        {
            (Size, Depth) = (Size + item.Size, Math.Max(Depth, 1 + item.Depth));
        }
    }

    public IReadOnlyList<YamlNode> Items { get; }

    public override string Kind => "a list";

    public override int Size { get; }

    public override int Depth { get; }

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var item in Items)
        {
            item.WriteTo(json);
        }

        json.WriteEndArray();
    }
}
