using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>guard</c>.</summary>
internal sealed class GuardDocumentValidator : AbstractValidator<GuardDocument>
{
    private const int MaxPatterns = 64;
    private const int MaxPatternLength = 1_000;

    public GuardDocumentValidator()
    {
        RuleFor(guard => guard.Say).Required("say: I can't talk about that. What else can I do for you?").AtMost(300);
        RuleFor(guard => guard.Patterns)
            .Must((guard, patterns) => patterns is { Count: > 0 } || guard.Hook is not null)
            .WithMessage("is missing, and so is `hook`; a guard needs one of them.");
        RuleFor(guard => guard.Patterns)
            .Must(patterns => patterns is null || patterns.Count <= MaxPatterns)
            .WithMessage($"holds more than {MaxPatterns} entries.");
        RuleForEach(guard => guard.Patterns)
            .Must(pattern => pattern.Length is > 0 and <= MaxPatternLength)
            .WithMessage($"has to have 1 to {MaxPatternLength} characters.")
            .Must(pattern => GuardSettings.TryPattern(pattern) is not null)
            .WithMessage(
                "is \"{PropertyValue}\"; that is no regular expression that runs in linear time (look-around and back-references do not).");
        RuleFor(guard => guard.TimeoutMs).Between(100, 10_000);
        RuleFor(guard => guard.OnError).OneOf("block", "allow");
        RuleFor(guard => guard.Hook!).SetValidator(new HttpDocumentValidator()).When(guard => guard.Hook is not null);
    }
}
