namespace Bridge.JsonSchema;

/// <summary>How values are checked where JSON Schema leaves it open, or where a service is known to differ from it.</summary>
public sealed record SchemaRules
{
    /// <summary>JSON Schema's own rules; eight errors at most.</summary>
    public static SchemaRules Standard { get; } = new();

    /// <summary>Errors that are reported; the check ends with the last of them.</summary>
    public int MaxErrors { get; init; } = 8;

    /// <summary>True: null is fine for a member that has a schema and is not required.</summary>
    public bool NullForOptional { get; init; }

    /// <summary>True: a member may stand twice; JSON Schema says nothing of it.</summary>
    public bool RepeatedMembers { get; init; }

    /// <summary>True: members that an object lacks are reported before those that it has; false: after them.</summary>
    public bool MissingFirst { get; init; }

    /// <summary>
    /// True: when no alternative of an <c>anyOf</c> or <c>oneOf</c> fits, the errors are those of the one whose constants
    /// (<c>type</c>, <c>role</c>) the value carries. False: those of the one with the fewest errors.
    /// </summary>
    public bool AlternativesByConstants { get; init; }
}
