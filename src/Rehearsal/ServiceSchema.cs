using System.Globalization;
using System.Text;
using System.Text.Json;
using Bridge.JsonSchema;

namespace Bridge.Rehearsal;

/// <summary>
/// A published schema, made as strict as the service (a member that no object names is an error). Errors are in its sentences.
/// </summary>
internal sealed class ServiceSchema
{
    // The service reports one error, the missing member first, takes null for what is optional, and explains alternatives by
    // their constants.
    private static readonly SchemaRules Rules = new()
    {
        MaxErrors = 1,
        NullForOptional = true,
        RepeatedMembers = true,
        MissingFirst = true,
        AlternativesByConstants = true,
    };

    private readonly Schema _schema;

    private ServiceSchema(Schema schema) => _schema = schema;

    /// <summary>Compiles one definition of a schema document.</summary>
    /// <param name="document">Definitions by name; kept alive by the caller.</param>
    /// <param name="pointer">The definition, for instance <c>#/ChatRequest</c>.</param>
    public static ServiceSchema Compile(JsonElement document, string pointer) =>
        Schema.TryCompile(document, pointer, Rules, out var schema, out var problem)
            ? new ServiceSchema(schema)
            : throw new InvalidOperationException($"The schema {pointer} can not be used: {problem}");

    /// <summary>Compiles one definition of an embedded schema document.</summary>
    public static ServiceSchema Load(string resource, string name) => Compile(Document(resource), "#/" + name);

    /// <summary>The definitions of an embedded schema document.</summary>
    public static JsonElement Document(string resource)
    {
        using var stream = typeof(ServiceSchema).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The schema {resource} is not embedded.");
        using var parsed = JsonDocument.Parse(stream);
        return parsed.RootElement.Clone();
    }

    /// <summary>The first fault of <paramref name="value"/>; null: none.</summary>
    public ServiceError? Check(JsonElement value) => _schema.Check(value) is [var error, ..] ? InServiceWords(error) : null;

    /// <summary>The JSON kind of a value, as errors name it.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private static ServiceError InServiceWords(SchemaError error)
    {
        var param = Spell(error.Path);
        var expected = error.Expected.Count > 0 ? error.Expected[0] : "";
        return error.Keyword switch
        {
            "required" => ServiceError.Missing(param),
            "additionalProperties" => ServiceError.Unknown(param),
            "type" => ServiceError.Kind(param, string.Join(" or ", error.Expected.Select(Kind)), Kind(error.Actual)),
            "enum" or "const" => ServiceError.Value(param, Plain(error.Actual), [.. error.Expected.Select(Plain)]),
            "maxLength" => ServiceError.TooLong(param, Whole(expected), Whole(error.Actual)),
            "minItems" => ServiceError.TooFew(param, Whole(expected), Whole(error.Actual)),
            "minimum" => ServiceError.TooSmall(param, error.Expected.Contains("integer"), expected, error.Actual),
            "maximum" => ServiceError.TooLarge(param, error.Expected.Contains("integer"), expected, error.Actual),
            _ => ServiceError.Invalid(param, $"value {error.Problem}."),
        };
    }

    // session.tools[0].name
    private static string Spell(SchemaPath path)
    {
        var text = new StringBuilder();
        foreach (var step in path)
        {
            _ = step.Name is { } name
                ? text.Append(text.Length > 0 ? "." : "").Append(name)
                : text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
        }

        return text.ToString();
    }

    private static string Kind(string type) => type switch
    {
        "object" => "an object",
        "array" => "an array",
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a decimal",
        "boolean" => "a boolean",
        _ => type,
    };

    private static string Plain(string json) => json.StartsWith('"') ? JsonSerializer.Deserialize<string>(json)! : json;

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
