using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Roles.Documents;
using Bridge.Roles.Validation;
using Bridge.Roles.Yaml;
using FluentValidation;
using FluentValidation.Validators;

namespace Bridge.Roles;

/// <summary>
/// The JSON Schema (2020-12) of <c>role.yaml</c> for editors, generated from the document types and their validators, so
/// that what an editor accepts is what the loader accepts, as far as a schema can say it.
/// </summary>
public static class RoleJsonSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private static readonly Dictionary<Type, IValidator> Validators = new()
    {
        [typeof(RoleDocument)] = new RoleDocumentValidator(),
        [typeof(ModelDocument)] = new ModelDocumentValidator(),
        [typeof(TranscriptionDocument)] = new TranscriptionDocumentValidator(),
        [typeof(VoiceDocument)] = new VoiceDocumentValidator(),
        [typeof(TurnDocument)] = new TurnDocumentValidator(),
        [typeof(InterruptDocument)] = new InterruptDocumentValidator(),
        [typeof(GuardDocument)] = new GuardDocumentValidator(),
        [typeof(LimitsDocument)] = new LimitsDocumentValidator(),
        [typeof(RecordsDocument)] = new RecordsDocumentValidator(),
        [typeof(WordsDocument)] = new WordsDocumentValidator(),
        [typeof(ToolDocument)] = new ToolDocumentValidator(),
        [typeof(HttpDocument)] = new HttpDocumentValidator(),
        [typeof(McpDocument)] = new McpDocumentValidator(),
    };

    /// <summary>The schema, indented, with a line break at its end; committed as <c>roles/role.schema.json</c>.</summary>
    public static string Generate()
    {
        var schema = ObjectSchema(typeof(RoleDocument));
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "role.yaml");
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject ObjectSchema(Type type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        var rules = Validators[type].CreateDescriptor();
        foreach (var (key, property) in DocumentShape.Of(type).Keys)
        {
            // Rules under a condition hold for some documents only; the schema leaves them to the loader.
            var validators = rules.GetRulesForMember(property.Name)
                .Where(rule => !rule.HasCondition && !rule.HasAsyncCondition)
                .SelectMany(rule => rule.Components)
                .Where(component => !component.HasCondition)
                .Select(component => component.Validator)
                .ToList();
            properties[key] = PropertySchema(property, validators);
            if (validators.Any(validator => validator is INotEmptyValidator))
            {
                required.Add((JsonNode)key);
            }
        }

        var schema = new JsonObject { ["type"] = "object" };
        if (type.GetCustomAttribute<DescriptionAttribute>() is { } description)
        {
            schema["description"] = description.Description;
        }

        schema["properties"] = properties;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["additionalProperties"] = false;
        return schema;
    }

    private static JsonObject PropertySchema(PropertyInfo property, List<IPropertyValidator> validators)
    {
        var schema = property.GetCustomAttribute<SchemaFragmentAttribute>() is { } fragment
            ? JsonNode.Parse(fragment.Json)!.AsObject()
            : TypeSchema(property.PropertyType);
        if (property.GetCustomAttribute<DescriptionAttribute>() is { } description)
        {
            schema.Insert(0, "description", description.Description);
        }

        foreach (var validator in validators)
        {
            switch (validator)
            {
                case IOneOfValidator oneOf:
                    schema["enum"] = new JsonArray([.. oneOf.Allowed.Select(word => (JsonNode)word)]);
                    break;
                case IBetweenValidator between:
                    schema["minimum"] = JsonSerializer.SerializeToNode(between.From);
                    schema["maximum"] = JsonSerializer.SerializeToNode(between.To);
                    break;
                case IRegularExpressionValidator pattern:
                    schema["pattern"] = pattern.Expression;
                    break;
                case ILengthValidator { Max: > 0 } length when property.PropertyType == typeof(string):
                    schema["maxLength"] = length.Max;
                    break;
            }
        }

        return schema;
    }

    private static JsonObject TypeSchema(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Dictionary<string, string>))
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
        }

        if (type == typeof(YamlNode))
        {
            return [];
        }

        if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
        {
            return new JsonObject { ["type"] = "array", ["items"] = TypeSchema(type.GetGenericArguments()[0]) };
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => new JsonObject { ["type"] = "string" },
            TypeCode.Boolean => new JsonObject { ["enum"] = new JsonArray(true, false, "on", "off") },
            TypeCode.Int32 => new JsonObject { ["type"] = "integer" },
            TypeCode.Double or TypeCode.Decimal => new JsonObject { ["type"] = "number" },
            _ => ObjectSchema(type),
        };
    }
}
