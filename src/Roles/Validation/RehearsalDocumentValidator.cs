using Bridge.Roles.Documents;
using Bridge.Roles.Yaml;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>rehearsal.yaml</c>; that calls fit their tools is checked by SchemaLint.</summary>
internal sealed class RehearsalDocumentValidator : AbstractValidator<RehearsalDocument>
{
    public RehearsalDocumentValidator()
    {
        RuleFor(script => script.Greeting).AtMost(2000);
        RuleFor(script => script.Otherwise).AtMost(2000);
        RuleFor(script => script.Recap).AtMost(20_000);
        RuleFor(script => script.Outcome).Must(outcome => outcome is null or YamlMapping)
            .WithMessage("must be a mapping of the outcome's members.");
        RuleForEach(script => script.Hears).Required("- show me a recipe").AtMost(500);
        RuleForEach(script => script.Rules).SetValidator(new RehearsalRuleDocumentValidator());
    }
}
