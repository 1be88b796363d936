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
        RuleFor(turn => turn.SilenceMs).Must(silence => silence is null or >= 300).When(turn => turn.Preemptive == true)
            .WithMessage("is {PropertyValue}; with `preemptive: true` it must be at least 300.");
        RuleFor(turn => turn.Eagerness).OneOf("low", "medium", "high", "auto");
        RuleFor(turn => turn.IdleTimeoutMs).Between(5000, 30000);
        RuleFor(turn => turn.ListeningSounds!.Count).LessThanOrEqualTo(100).When(turn => turn.ListeningSounds is not null).OverridePropertyName("listening_sounds")
            .WithMessage("has more than 100 sounds.");
        RuleForEach(turn => turn.ListeningSounds).Must(sound => sound is { Length: <= 40 } && sound.Any(char.IsLetter))
            .WithMessage("must be a sound of 1 to 40 characters with a letter in it.");
        RuleFor(turn => turn.Waiting).OneOf("none", "sound", "words");
        RuleFor(turn => turn.WaitingWords).NotEmpty().When(turn => turn.Waiting == "words").WithMessage("is missing; `waiting: words` needs its line.");
        RuleFor(turn => turn.WaitingWords).Null().When(turn => turn.Waiting != "words").WithMessage("has no effect; write `waiting: words`.");
        RuleFor(turn => turn.WaitingWords).MaximumLength(200).WithMessage("has more than 200 characters.");
        RuleFor(turn => turn.Interrupt!).SetValidator(new InterruptDocumentValidator()).When(turn => turn.Interrupt is not null);

        When(turn => turn.Mode is "semantic_vad" or "manual", () =>
        {
            const string ServerVadOnly = "has no effect with this mode; remove it, or write `mode: server_vad`.";
            RuleFor(turn => turn.Threshold).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.PrefixPaddingMs).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.SilenceMs).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.Preemptive).Null().WithMessage(ServerVadOnly);
            RuleFor(turn => turn.IdleTimeoutMs).Null().WithMessage(ServerVadOnly);
        });
        When(turn => turn.Mode is null or "server_vad" or "manual", () =>
            RuleFor(turn => turn.Eagerness).Null().WithMessage("has no effect with this mode; remove it, or write `mode: semantic_vad`."));
    }
}
