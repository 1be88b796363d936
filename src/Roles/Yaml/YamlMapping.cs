using System.Text.Json;

namespace Bridge.Roles.Yaml;

/// <summary>Keys and values in the order they stand; keys are scalars and unique.</summary>
internal sealed class YamlMapping : YamlNode
{
    public YamlMapping(int line, int column, IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> entries)
        : base(line, column)
    {
        Entries = entries;
        (Size, Depth) = (1, 1);
        foreach (var (_, value) in entries)
        {
            (Size, Depth) = (Size + 1 + value.Size, Math.Max(Depth, 1 + value.Depth));
        }
    }

    public IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Entries { get; }

    public override string Kind => "a mapping";

    public override int Size { get; }

    public override int Depth { get; }

    public YamlNode? this[string key]
    {
        get
        {
            foreach (var (name, value) in Entries)
            {
                if (name.Text == key)
                {
                    return value;
                }
            }

            return null;
        }
    }

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in Entries)
        {
            json.WritePropertyName(name.Text);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
