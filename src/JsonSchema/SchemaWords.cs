namespace Bridge.JsonSchema;

/// <summary>The engine's own words for an error, as the model and the author of a role read them.</summary>
internal static class SchemaWords
{
    private const int MaxListed = 20;

    public static string Of(SchemaError error)
    {
        var expected = error.Expected.Count > 0 ? error.Expected[0] : "";
        return error.Keyword switch
        {
            "type" => $"must be {string.Join(" or ", error.Expected.Select(Name))}, not {Name(error.Actual)}",
            "enum" => $"must be one of {Listed(error)}",
            "const" => $"must be {expected}",
            "required" => "is missing",
            "dependentRequired" => $"is missing; {expected} needs it",
            "additionalProperties" => error.Expected.Count == 0 ? "is not known" : $"is not known; known are {Listed(error)}",
            "minProperties" => $"must have at least {expected} members",
            "maxProperties" => $"must have at most {expected} members",
            "minItems" => $"must have at least {expected} items",
            "maxItems" => $"must have at most {expected} items",
            "contains" => $"holds {error.Actual} items of the kind it must contain",
            "uniqueItems" => "must not hold an item twice",
            "minimum" => $"must be at least {expected}",
            "maximum" => $"must be at most {expected}",
            "exclusiveMinimum" => $"must be more than {expected}",
            "exclusiveMaximum" => $"must be less than {expected}",
            "multipleOf" => $"must be a multiple of {expected}",
            "number" => "is too large a number",
            "minLength" => $"must have at least {expected} characters",
            "maxLength" => $"must have at most {expected} characters",
            "pattern" => $"must match {expected}",
            "format" => $"must be {(expected == "email" ? "an email address" : "a " + expected)}",
            "oneOf" => $"fits {error.Actual} alternatives where exactly one must fit",
            "not" => "is what the schema excludes",
            "repeated" => "stands twice",
            "false" => "is not allowed here",
            "limit" => "can not be checked: the schema is too complex or refers to itself without end",
            _ => throw new InvalidOperationException($"There are no words for {error.Keyword}."),
        };
    }

    private static string Listed(SchemaError error) => string.Join(", ", error.Expected.Take(MaxListed));

    private static string Name(string type) => type switch
    {
        "object" => "an object",
        "array" => "an array",
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => type,
    };
}
