namespace Bridge.Roles.Validation;

/// <summary>Lets the JSON Schema see the words of an <see cref="OneOfValidator{T}"/>.</summary>
internal interface IOneOfValidator
{
    IReadOnlyList<string> Allowed { get; }
}
