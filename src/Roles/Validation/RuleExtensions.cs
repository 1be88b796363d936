using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules whose messages read on after the key's name: "voice.speed" + "is 9; …".</summary>
internal static class RuleExtensions
{
    public static IRuleBuilderOptions<T, string?> Required<T>(this IRuleBuilder<T, string?> rule, string example) =>
        rule.NotEmpty().WithMessage($"is missing; write for example `{example}`.");

    public static IRuleBuilderOptions<T, string?> OneOf<T>(this IRuleBuilder<T, string?> rule, params IReadOnlyList<string> allowed) =>
        rule.SetValidator(new OneOfValidator<T>(allowed));

    public static IRuleBuilderOptions<T, string?> AtMost<T>(this IRuleBuilder<T, string?> rule, int length) =>
        rule.MaximumLength(length).WithMessage($"has {{TotalLength}} characters; at most {length} are allowed.");

    public static IRuleBuilderOptions<T, string?> Written<T>(this IRuleBuilder<T, string?> rule, string pattern, string right) =>
        rule.Matches(pattern).WithMessage($"is \"{{PropertyValue}}\"; {right}.");

    public static IRuleBuilderOptions<T, TValue?> Between<T, TValue>(this IRuleBuilder<T, TValue?> rule, TValue least, TValue most)
        where TValue : struct, IComparable<TValue>, IComparable =>
        rule.InclusiveBetween(least, most).WithMessage("is {PropertyValue}; it must be between {From} and {To}.");
}
