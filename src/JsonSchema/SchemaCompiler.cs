using System.Globalization;
using System.Text;
using System.Text.Json;
using Bridge.JsonSchema.Patterns;

namespace Bridge.JsonSchema;

/// <summary>
/// Reads a JSON Schema into nodes. Understands drafts 4 to 2020-12 as far as function tools use them; refuses what would
/// be checked wrongly: remote references, malformed keywords, broken patterns; and what is far above any honest size.
/// Annotations and <c>unevaluated*</c> are ignored.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MaxNodes = 4_096;

    private readonly JsonElement _root;
    private readonly Dictionary<string, SchemaNode> _byPointer = [];
    private readonly Queue<Unread> _unread = [];
    private int _references; // in a row, up to the schema that is being read

    private SchemaCompiler(JsonElement root)
    {
        _root = root;
    }

    /// <summary>
    /// The compiled schema that a pointer names in a document (<c>#</c> is the whole of it); throws
    /// <see cref="SchemaException"/> with what is wrong and where.
    /// </summary>
    public static SchemaNode Compile(JsonElement document, string pointer) => new SchemaCompiler(document).Compile(pointer);

    private SchemaNode Compile(string pointer)
    {
        var root = Resolve(pointer, pointer);
        while (_unread.TryDequeue(out var next))
        {
            _references = next.References;
            Read(next.Node, next.Schema, next.At);
        }

        return root;
    }

    /// <summary>
    /// The node of a schema, to be read later: references chain thousands of schemas that hardly nest, and a stack could
    /// not follow them.
    /// </summary>
    private SchemaNode Node(JsonElement schema, string at, int references = 0)
    {
        if (_byPointer.TryGetValue(at, out var known))
        {
            return known;
        }

        if (_byPointer.Count == MaxNodes)
        {
            throw new SchemaException(at, $"has more than {MaxNodes} parts");
        }

        var node = new SchemaNode();
        _byPointer.Add(at, node);
        _unread.Enqueue(new Unread(node, schema, at, references));
        return node;
    }

    private void Read(SchemaNode node, JsonElement schema, string at)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Never = true;
                break;
            case JsonValueKind.Object:
                foreach (var keyword in schema.EnumerateObject())
                {
                    Read(node, schema, keyword.Name, keyword.Value, $"{at}/{Escape(keyword.Name)}");
                }

                break;
            default:
                throw new SchemaException(at, "must be an object, true or false");
        }
    }

    private void Read(SchemaNode node, JsonElement schema, string keyword, JsonElement value, string at)
    {
        switch (keyword)
        {
            case "type": node.Types = Types(value, at); break;
            case "enum": node.Enum = Array(value, at); break;
            case "const": node.Const = value; break;
            case "$ref": node.Reference = Reference(value, at); break;
            case "$dynamicRef" or "$recursiveRef": throw new SchemaException(at, "is not supported; use $ref");
            case "allOf": node.AllOf = Nodes(value, at); break;
            case "anyOf": node.AnyOf = Nodes(value, at); break;
            case "oneOf": node.OneOf = Nodes(value, at); break;
            case "not": node.Not = Node(value, at); break;
            case "if": node.If = Node(value, at); break;
            case "then": node.Then = Node(value, at); break;
            case "else": node.Else = Node(value, at); break;
            case "properties":
                node.Properties = Members(value, at)
                    .ToDictionary(member => member.Name, member => Node(member.Value, Below(at, member)), StringComparer.Ordinal);
                break;
            case "patternProperties":
                node.PatternProperties =
                    [.. Members(value, at).Select(member => (Pattern(member.Name, at), Node(member.Value, Below(at, member))))];
                break;
            case "additionalProperties": node.AdditionalProperties = Node(value, at); break;
            case "propertyNames": node.PropertyNames = Node(value, at); break;
            case "required" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                break; // draft 3, and a common slip
            case "required": node.Required = Strings(value, at); break;
            case "dependentRequired":
                node.DependentRequired = Members(value, at)
                    .ToDictionary(member => member.Name, member => Strings(member.Value, at), StringComparer.Ordinal);
                break;
            case "minProperties": node.MinProperties = Count(value, at); break;
            case "maxProperties": node.MaxProperties = Count(value, at); break;
            case "prefixItems": node.PrefixItems = Nodes(value, at); break;
            case "items" when value.ValueKind == JsonValueKind.Array: node.PrefixItems = Nodes(value, at); break; // until 2019-09
            case "items": node.Items = Node(value, at); break;
            case "additionalItems" when schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array:
                node.Items = Node(value, at);
                break;
            case "contains": node.Contains = Node(value, at); break;
            case "minContains": node.MinContains = Count(value, at); break;
            case "maxContains": node.MaxContains = Count(value, at); break;
            case "minItems": node.MinItems = Count(value, at); break;
            case "maxItems": node.MaxItems = Count(value, at); break;
            case "uniqueItems": node.UniqueItems = value.ValueKind == JsonValueKind.True; break;
            case "minimum": Minimum(node, schema, Number(value, at)); break;
            case "maximum": Maximum(node, schema, Number(value, at)); break;
            case "exclusiveMinimum" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                node.ExclusiveMinimum = Number(value, at);
                break;
            case "exclusiveMaximum" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                node.ExclusiveMaximum = Number(value, at);
                break;
            case "multipleOf":
                node.MultipleOf = value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var divisor) && divisor > 0
                    ? divisor
                    : throw new SchemaException(at, "must be a number above 0");
                break;
            case "minLength": node.MinLength = Count(value, at); break;
            case "maxLength": node.MaxLength = Count(value, at); break;
            case "pattern": node.Pattern = Pattern(Text(value, at), at); break;
            case "format": node.Format = Text(value, at); break;
        }
    }

    // Draft 4: exclusiveMinimum is a flag beside minimum.
    private static void Minimum(SchemaNode node, JsonElement schema, double value)
    {
        if (schema.TryGetProperty("exclusiveMinimum", out var flag) && flag.ValueKind == JsonValueKind.True)
        {
            node.ExclusiveMinimum = value;
        }
        else
        {
            node.Minimum = value;
        }
    }

    private static void Maximum(SchemaNode node, JsonElement schema, double value)
    {
        if (schema.TryGetProperty("exclusiveMaximum", out var flag) && flag.ValueKind == JsonValueKind.True)
        {
            node.ExclusiveMaximum = value;
        }
        else
        {
            node.Maximum = value;
        }
    }

    private static SchemaTypes Types(JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Type(value, at);
        }

        return Array(value, at).Aggregate(SchemaTypes.None, (types, type) => types | Type(type, at));
    }

    private static SchemaTypes Type(JsonElement value, string at)
    {
        var type = SchemaTypeNames.Parse(value.ValueKind == JsonValueKind.String ? value.GetString() : null);
        return type != SchemaTypes.None
            ? type
            : throw new SchemaException(at, "must be object, array, string, integer, number, boolean or null");
    }

    private SchemaNode Reference(JsonElement value, string at)
    {
        var pointer = Text(value, at);
        if (pointer is not "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new SchemaException(at, "refers outside of the schema; only #/... is supported");
        }

        if (_references == Schema.MaxDepth)
        {
            throw new SchemaException(at, $"is one of more than {Schema.MaxDepth} references in a row");
        }

        return Resolve(pointer, at);
    }

    /// <summary>The node that a pointer names; <paramref name="at"/> is the place that names it.</summary>
    private SchemaNode Resolve(string pointer, string at)
    {
        var target = _root;
        var canonical = new StringBuilder("#");
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = SchemaPath.Unescape(step);
            canonical.Append('/').Append(Escape(name));
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out var member))
            {
                target = member;
            }
            else if (target.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < target.GetArrayLength())
            {
                target = target[index];
            }
            else
            {
                throw new SchemaException(at, $"refers to {pointer}, which is not there");
            }
        }

        return Node(target, canonical.ToString(), pointer == at ? 0 : _references + 1);
    }

    private SchemaNode[] Nodes(JsonElement value, string at) => [.. Array(value, at).Select((item, index) => Node(item, $"{at}/{index}"))];

    private static JsonElement[] Array(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? [.. value.EnumerateArray()]
            : throw new SchemaException(at, "must be an array with something in it");

    private static string[] Strings(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw new SchemaException(at, "must be an array of strings");

    private static IEnumerable<JsonProperty> Members(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().DistinctBy(member => member.Name)
            : throw new SchemaException(at, "must be an object");

    private static int Count(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var count)
            && count is >= 0 and <= int.MaxValue && count == Math.Floor(count)
            ? (int)count
            : throw new SchemaException(at, "must be a whole number from 0");

    private static string Text(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new SchemaException(at, "must be a string");

    private static string Below(string at, JsonProperty member) => $"{at}/{Escape(member.Name)}";

    private static double Number(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            ? number
            : throw new SchemaException(at, "must be a number");

    private static string Escape(string name) => SchemaPath.Escape(name);

    private static SchemaPattern Pattern(string pattern, string at) =>
        SchemaPattern.TryCompile(pattern, out var compiled, out var problem) ? compiled : throw new SchemaException(at, problem);

    /// <summary>A schema to be read, and how many references in a row lead to it.</summary>
    private readonly record struct Unread(SchemaNode Node, JsonElement Schema, string At, int References);
}
