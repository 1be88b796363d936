using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>limits:</c>.</summary>
internal sealed class LimitsDocumentValidator : AbstractValidator<LimitsDocument>
{
    public LimitsDocumentValidator()
    {
        RuleFor(limits => limits.Minutes).Between(1.0, 1440.0);
        RuleFor(limits => limits.ToolSteps).Between(1, 64);
        RuleFor(limits => limits.ThinkSeconds).Between(5.0, 600.0);
        RuleFor(limits => limits.Cost).Between(0.01m, 1000m);
    }
}
