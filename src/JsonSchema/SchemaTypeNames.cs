using System.Text.Json;

namespace Bridge.JsonSchema;

/// <summary>The names that JSON Schema gives to its types.</summary>
internal static class SchemaTypeNames
{
    private static readonly (SchemaTypes Type, string Name)[] All =
    [
        (SchemaTypes.Object, "object"), (SchemaTypes.Array, "array"), (SchemaTypes.String, "string"), (SchemaTypes.Integer, "integer"),
        (SchemaTypes.Number, "number"), (SchemaTypes.Boolean, "boolean"), (SchemaTypes.Null, "null"),
    ];

    public static SchemaTypes Parse(string? name) => Array.Find(All, known => known.Name == name).Type;

    public static string[] Of(SchemaTypes types) => [.. All.Where(known => (types & known.Type) != 0).Select(known => known.Name)];

    /// <summary>The type of a value; a number without a fraction is an integer (JSON Schema validation §6.1.1).</summary>
    public static SchemaTypes Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => SchemaTypes.Object,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.String => SchemaTypes.String,
        JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
        JsonValueKind.Null => SchemaTypes.Null,
        _ => value.TryGetInt64(out _) || (value.TryGetDouble(out var number) && number == Math.Floor(number))
            ? SchemaTypes.Integer
            : SchemaTypes.Number,
    };
}
