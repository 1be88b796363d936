using System.Text.Json;
using Bridge.JsonSchema.Patterns;

namespace Bridge.JsonSchema;

/// <summary>
/// One compiled schema: what the keywords of JSON Schema 2020-12 (and the older spellings) demand of a value. Null means
/// not demanded.
/// </summary>
internal sealed class SchemaNode
{
    /// <summary>The schema <c>false</c>.</summary>
    public bool Never { get; set; }

    public SchemaTypes Types { get; set; }
    public JsonElement[]? Enum { get; set; }
    public JsonElement? Const { get; set; }
    public SchemaNode? Reference { get; set; }

    public SchemaNode[]? AllOf { get; set; }
    public SchemaNode[]? AnyOf { get; set; }
    public SchemaNode[]? OneOf { get; set; }
    public SchemaNode? Not { get; set; }
    public SchemaNode? If { get; set; }
    public SchemaNode? Then { get; set; }
    public SchemaNode? Else { get; set; }

    public Dictionary<string, SchemaNode>? Properties { get; set; }
    public (SchemaPattern Name, SchemaNode Schema)[]? PatternProperties { get; set; }
    public SchemaNode? AdditionalProperties { get; set; }
    public SchemaNode? PropertyNames { get; set; }
    public string[]? Required { get; set; }
    public Dictionary<string, string[]>? DependentRequired { get; set; }
    public int? MinProperties { get; set; }
    public int? MaxProperties { get; set; }

    public SchemaNode[]? PrefixItems { get; set; }
    public SchemaNode? Items { get; set; }
    public SchemaNode? Contains { get; set; }
    public int? MinContains { get; set; }
    public int? MaxContains { get; set; }
    public int? MinItems { get; set; }
    public int? MaxItems { get; set; }
    public bool UniqueItems { get; set; }

    public double? Minimum { get; set; }
    public double? Maximum { get; set; }
    public double? ExclusiveMinimum { get; set; }
    public double? ExclusiveMaximum { get; set; }
    public decimal? MultipleOf { get; set; }

    public int? MinLength { get; set; }
    public int? MaxLength { get; set; }
    public SchemaPattern? Pattern { get; set; }
    public string? Format { get; set; }
}
