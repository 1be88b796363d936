using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of one rehearsal rule.</summary>
internal sealed class RehearsalRuleDocumentValidator : AbstractValidator<RehearsalRuleDocument>
{
    public RehearsalRuleDocumentValidator()
    {
        RuleFor(rule => rule.When).NotEmpty().WithMessage("is missing; list the keywords that trigger the rule: `when: [recipe, cook]`.");
        RuleForEach(rule => rule.When).Required("- recipe").AtMost(200);
        RuleFor(rule => rule.Say).AtMost(2000);
        RuleFor(rule => rule.Then).AtMost(2000);
        RuleFor(rule => rule)
            .Must(rule => rule.Say is not null || rule.Call is { Count: > 0 })
            .WithMessage("does nothing; give it `say:` or `call:`.");
        RuleFor(rule => rule.Then)
            .Must((rule, then) => then is null || rule.Call is { Count: > 0 })
            .WithMessage("is said after a call, but the rule calls nothing; write `say:`.");
        RuleFor(rule => rule.Repeat).Between(0, 100);
        RuleFor(rule => rule.Repeat)
            .Must((rule, repeat) => repeat is null || rule.Call is { Count: > 0 })
            .WithMessage("repeats calls, but the rule calls nothing; give it `call:`.");
        RuleForEach(rule => rule.Call).ChildRules(call => call.RuleFor(one => one.Name).Required("name: show_recipe"));
    }
}
