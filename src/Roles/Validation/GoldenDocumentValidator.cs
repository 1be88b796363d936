using Bridge.Roles.Documents;
using Bridge.Roles.Yaml;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of a golden conversation.</summary>
internal sealed class GoldenDocumentValidator : AbstractValidator<GoldenDocument>
{
    public GoldenDocumentValidator()
    {
        RuleFor(test => test.Name).AtMost(120);
        RuleFor(test => test.Turns).NotEmpty().WithMessage("are missing; write `turns:` with at least one `- user: …`.");
        RuleFor(test => test.Outcome).Must(outcome => outcome is null or YamlMapping)
            .WithMessage("must be a mapping of members that the outcome has.");
        RuleForEach(test => test.Turns).SetValidator(new TurnValidator());
        RuleForEach(test => test.Turns)
            .Must((test, turn) => turn.User is not null || ReferenceEquals(test.Turns![0], turn))
            .WithMessage("has no user; only the first turn may leave it out, when the agent speaks first.");
    }

    private sealed class TurnValidator : AbstractValidator<GoldenTurnDocument>
    {
        public TurnValidator()
        {
            RuleFor(turn => turn.User).AtMost(2000);
            RuleFor(turn => turn.Expect!).NotNull()
                .WithMessage("is missing; write what is expected: `says:`, `calls:`, `shows:` or `silent: true`.")
                .SetValidator(new ExpectationValidator());
            RuleFor(turn => turn.WithinMs).Between(1, 600_000);
        }
    }

    private sealed class ExpectationValidator : AbstractValidator<GoldenExpectationDocument>
    {
        public ExpectationValidator()
        {
            RuleFor(expect => expect.Says).Must(BeTexts).WithMessage(TextOrList);
            RuleFor(expect => expect.SaysNot).Must(BeTexts).WithMessage(TextOrList);
            RuleFor(expect => expect.Shows).Must(BeTexts).WithMessage(TextOrList);
            RuleFor(expect => expect.Silent)
                .Must((expect, silent) => silent != true || expect.Says is null)
                .WithMessage("stands beside says; the agent does one or the other.");
            RuleForEach(expect => expect.Calls).SetValidator(new CallValidator());
        }

        private const string TextOrList = "must be a text or a list of texts.";

        private static bool BeTexts(YamlNode? node) =>
            node is null or YamlScalar { IsNull: false }
                || (node is YamlSequence list && list.Items.All(item => item is YamlScalar { IsNull: false }));
    }

    private sealed class CallValidator : AbstractValidator<GoldenCallDocument>
    {
        public CallValidator()
        {
            RuleFor(call => call.Name).Required("name: show_recipe");
            RuleFor(call => call.Arguments).Must(arguments => arguments is null or YamlMapping)
                .WithMessage("must be a mapping of argument names to values.");
        }
    }
}
