using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>turn.interrupt:</c>.</summary>
internal sealed class InterruptDocumentValidator : AbstractValidator<InterruptDocument>
{
    private static readonly string[] Levels = ["off", "ignore", "low", "normal", "high"];

    public InterruptDocumentValidator()
    {
        RuleFor(interrupt => interrupt.Speaking).OneOf(Levels);
        RuleFor(interrupt => interrupt.Thinking).OneOf(Levels);
    }
}
