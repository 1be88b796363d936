using System.Globalization;
using System.Text;
using System.Text.Json;
using Bridge.JsonSchema;

namespace Bridge.Rehearsal;

/// <summary>
/// The schemas of the 11 client events, compiled once from <c>client-events.schema.json</c>: the published schema, minimised
/// and made as strict as the service (a member that no object names is an error). Errors are in the service's sentences.
/// </summary>
internal static class ClientEventSchemas
{
    // The service tells one error, the missing member first, takes null for what is optional, and explains alternatives by
    // their constants.
    private static readonly SchemaRules Rules = new()
    {
        MaxErrors = 1,
        NullForOptional = true,
        RepeatedMembers = true,
        MissingFirst = true,
        AlternativesByConstants = true,
    };

    private static readonly Lazy<Dictionary<string, Schema>> Schemas = new(Compile);

    /// <summary>Types of client events, in the schema's order.</summary>
    public static IReadOnlyCollection<string> Types => Schemas.Value.Keys;

    /// <summary>The fault of <paramref name="event"/>; null: it may be handled.</summary>
    public static ServiceError? Check(JsonElement @event, out string type)
    {
        type = "";
        if (@event.ValueKind != JsonValueKind.Object)
        {
            return ServiceError.NotJson();
        }

        if (!@event.TryGetProperty("type", out var given))
        {
            return ServiceError.NoType();
        }

        if (given.ValueKind != JsonValueKind.String)
        {
            return ServiceError.Kind("type", "a string", Kind(given));
        }

        type = given.GetString()!;
        if (!Schemas.Value.TryGetValue(type, out var schema))
        {
            return ServiceError.Value("type", type, [.. Types]);
        }

        return schema.Check(@event) is [var error, ..] ? InServiceWords(error) : null;
    }

    private static Dictionary<string, Schema> Compile()
    {
        using var stream = typeof(ClientEventSchemas).Assembly.GetManifestResourceStream("client-events.schema.json")
            ?? throw new InvalidOperationException("The client event schema is not embedded.");
        using var parsed = JsonDocument.Parse(stream);
        var document = parsed.RootElement.Clone();
        var schemas = new Dictionary<string, Schema>();
        foreach (var alternative in document.GetProperty("RealtimeClientEvent").GetProperty("anyOf").EnumerateArray())
        {
            var pointer = alternative.GetProperty("$ref").GetString()!;
            var type = document.GetProperty(pointer[2..]).GetProperty("properties").GetProperty("type");
            var name = type.TryGetProperty("const", out var only) ? only : type.GetProperty("enum")[0];
            if (!Schema.TryCompile(document, pointer, Rules, out var schema, out var problem))
            {
                throw new InvalidOperationException($"The client event schema can not be used: {problem}");
            }

            schemas.Add(name.GetString()!, schema);
        }

        return schemas;
    }

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

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private static string Plain(string json) => json.StartsWith('"') ? JsonSerializer.Deserialize<string>(json)! : json;

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
