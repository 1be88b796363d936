using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>voice:</c>.</summary>
internal sealed class VoiceDocumentValidator : AbstractValidator<VoiceDocument>
{
    public VoiceDocumentValidator()
    {
        RuleFor(voice => voice.Name).OneOf([.. VoiceSettings.All]);
        RuleFor(voice => voice.Id).Written("^[A-Za-z0-9_-]{1,128}$", "a custom voice's id is letters, digits, _ and -, such as voice_1234");
        RuleFor(voice => voice.Speed).Between(0.25, 1.5);
        RuleFor(voice => voice.Id)
            .Must((voice, id) => id is null || voice.Name is null)
            .WithMessage("stands beside a name; a voice has one or the other.");
    }
}
