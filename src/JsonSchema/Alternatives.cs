using System.Text.Json;

namespace Bridge.JsonSchema;

/// <summary>Which alternative of an <c>anyOf</c> or <c>oneOf</c> a value means: its JSON kind and its constants tell.</summary>
internal static class Alternatives
{
    // Alternatives within alternatives: far above any honest nesting.
    private const int MaxLevels = 16;
    private const int MaxLeaves = 256;

    /// <summary>Members whose constants name an alternative, in the order in which they are asked.</summary>
    public static IReadOnlyList<string> Discriminators { get; } = ["type", "role"];

    /// <summary>The alternatives with references followed and alternatives of alternatives in their place.</summary>
    public static List<SchemaNode> Leaves(SchemaNode[] alternatives)
    {
        var leaves = new List<SchemaNode>();
        Add(alternatives, MaxLevels);
        return leaves;

        void Add(SchemaNode[] nodes, int levels)
        {
            foreach (var node in nodes)
            {
                var target = Follow(node);
                if (levels > 0 && (target.AnyOf ?? target.OneOf) is { } inner)
                {
                    Add(inner, levels - 1);
                }
                else if (leaves.Count < MaxLeaves)
                {
                    leaves.Add(target);
                }
            }
        }
    }

    /// <summary>True when a value of this JSON kind may fit; 1.5 is of the kind of an integer.</summary>
    public static bool TakesKind(SchemaNode leaf, JsonElement value)
    {
        var type = SchemaTypeNames.Of(value);
        return leaf.Types == SchemaTypes.None
            || (leaf.Types & (type is SchemaTypes.Integer or SchemaTypes.Number ? SchemaTypes.Integer | SchemaTypes.Number : type)) != 0;
    }

    /// <summary>Type names in the order of the alternatives.</summary>
    public static string[] TypesOf(List<SchemaNode> leaves) => [.. leaves.SelectMany(leaf => SchemaTypeNames.Of(leaf.Types)).Distinct()];

    /// <summary>The texts that the alternatives allow.</summary>
    public static JsonElement[] WordsOf(List<SchemaNode> leaves) => Words(leaves.Select(ConstantsOf));

    /// <summary>The texts that the alternatives allow for a member.</summary>
    public static JsonElement[] WordsOf(List<SchemaNode> leaves, string member) => Words(leaves.Select(leaf => Constants(leaf, member)));

    /// <summary>True when an alternative has a member and takes a value for it, as far as its constants tell.</summary>
    public static bool Allows(SchemaNode leaf, string member, JsonElement value) =>
        leaf.Properties?.ContainsKey(member) == true
        && Constants(leaf, member) is var constants
        && (constants is null || Array.Exists(constants, constant => JsonElement.DeepEquals(constant, value)));

    private static JsonElement[]? Constants(SchemaNode leaf, string member) =>
        leaf.Properties is not null && leaf.Properties.TryGetValue(member, out var schema) ? ConstantsOf(Follow(schema)) : null;

    private static JsonElement[]? ConstantsOf(SchemaNode node) => node.Const is { } constant ? [constant] : node.Enum;

    private static JsonElement[] Words(IEnumerable<JsonElement[]?> constants) =>
        [
            .. constants.SelectMany(values => values ?? [])
                .Where(value => value.ValueKind == JsonValueKind.String)
                .DistinctBy(value => value.GetString()),
        ];

    private static SchemaNode Follow(SchemaNode node)
    {
        for (var level = 0; level < MaxLevels && node.Reference is { } target; level++)
        {
            node = target;
        }

        return node;
    }
}
