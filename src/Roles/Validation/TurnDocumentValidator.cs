using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>turn:</c>.</summary>
internal sealed class TurnDocumentValidator : AbstractValidator<TurnDocument>
{
    public TurnDocumentValidator()
    {
        RuleFor(turn => turn.Mode).OneOf("server_vad", "semantic_vad", "manual");
        RuleFor(turn => turn.Threshold).Between(0.0, 1.0);
        RuleFor(turn => turn.PrefixPaddingMs).Between(0, 2000);
        RuleFor(turn => turn.SilenceMs).Between(100, 5000);
        RuleFor(turn => turn.Eagerness).OneOf("low", "medium", "high", "auto");
        RuleFor(turn => turn.IdleTimeoutMs).Between(5000, 30000);
        RuleFor(turn => turn.Interrupt!).SetValidator(new InterruptDocumentValidator()).When(turn => turn.Interrupt is not null);

        When(turn => turn.Mode is "semantic_vad" or "manual", () =>
        {
            const string ServerVadOnly = "has no effect with this mode; remove it, or write `mode: server_vad`.";
            RuleFor(turn => turn.Threshold).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.PrefixPaddingMs).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.SilenceMs).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.IdleTimeoutMs).Null().WithMessage(ServerVadOnly);
        });
        When(turn => turn.Mode is null or "server_vad" or "manual", () =>
            RuleFor(turn => turn.Eagerness).Null().WithMessage("has no effect with this mode; remove it, or write `mode: semantic_vad`."));
    }
}
