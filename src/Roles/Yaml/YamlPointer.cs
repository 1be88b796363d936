namespace Bridge.Roles.Yaml;

/// <summary>Finds values of a tree by JSON pointers in URI fragments (RFC 6901 §6).</summary>
internal static class YamlPointer
{
    /// <summary>The node that a pointer names, or the last one on the way to it.</summary>
    public static YamlNode Find(YamlNode node, string pointer)
    {
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                YamlMapping mapping => mapping[name] ?? mapping,
                YamlSequence list when int.TryParse(name, out var at) && at >= 0 && at < list.Items.Count => list.Items[at],
                _ => node,
            };
        }

        return node;
    }
}
