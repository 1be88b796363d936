using Bridge.Roles.Documents;
using FluentValidation;
using FluentValidation.Validators;

namespace Bridge.Roles.Validation;

/// <summary>A word out of a list; the message offers the nearest.</summary>
internal sealed class OneOfValidator<T>(IReadOnlyList<string> allowed) : PropertyValidator<T, string?>, IOneOfValidator
{
    public override string Name => "OneOfValidator";

    public IReadOnlyList<string> Allowed => allowed;

    public override bool IsValid(ValidationContext<T> context, string? value)
    {
        if (value is null || allowed.Contains(value, StringComparer.Ordinal))
        {
            return true;
        }

        var near = Suggestion.Nearest(value, allowed);
        context.MessageFormatter.AppendArgument(
            "Right",
            near is null
                ? $"use one of {string.Join(", ", allowed)}"
                : $"did you mean \"{near}\"? Allowed are {string.Join(", ", allowed)}");
        return false;
    }

    protected override string GetDefaultMessageTemplate(string errorCode) => "is \"{PropertyValue}\"; {Right}.";
}
