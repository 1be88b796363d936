using System.Globalization;
using Bridge.Roles.Documents;
using Bridge.Roles.Loading;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>role.yaml</c>.</summary>
internal sealed class RoleDocumentValidator : AbstractValidator<RoleDocument>
{
    public const string LanguageTag = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

    public RoleDocumentValidator()
    {
        RuleFor(role => role.Name).Required("name: Cooking guide").AtMost(60);
        RuleFor(role => role.Emoji)
            .Must(emoji => emoji is null || new StringInfo(emoji).LengthInTextElements <= 1)
            .WithMessage("is \"{PropertyValue}\"; it must be one emoji, such as \"🍳\".")
            .AtMost(32);
        RuleFor(role => role.Description).Required("description: Cooks with you, step by step.").AtMost(300);
        RuleFor(role => role.Language).Written(LanguageTag, "it must be a language tag such as en, fr or pt-BR");
        RuleFor(role => role.Visibility).OneOf("public", "private");
        RuleFor(role => role.Reload).OneOf("live", "snapshot");
        RuleFor(role => role.Dtmf).OneOf("model", "page", "none");
        RuleFor(role => role.Page).OneOf("module", "host");
        RuleFor(role => role.Model!).SetValidator(new ModelDocumentValidator()).When(role => role.Model is not null);
        RuleFor(role => role.Voice!).SetValidator(new VoiceDocumentValidator()).When(role => role.Voice is not null);
        RuleFor(role => role.Turn!).SetValidator(new TurnDocumentValidator()).When(role => role.Turn is not null);
        RuleFor(role => role.Words!).SetValidator(new WordsDocumentValidator()).When(role => role.Words is not null);
        RuleFor(role => role.Limits!).SetValidator(new LimitsDocumentValidator()).When(role => role.Limits is not null);
        RuleFor(role => role.Guard!).SetValidator(new GuardDocumentValidator()).When(role => role.Guard is not null);
        RuleFor(role => role.Records!).SetValidator(new RecordsDocumentValidator()).When(role => role.Records is not null);
        RuleFor(role => role.Guard)
            .Must((role, guard) => guard is null || !SettingsReader.IsLive(role.Model))
            .WithMessage("can't be kept with a full-duplex model, whose words are heard as they come; take another model, or no guard.");
        RuleFor(role => role.Voice)
            .Must((role, voice) => voice is null || role.Model?.Voice is null)
            .WithMessage("stands beside model: voice; a role has one or the other.");
        RuleFor(role => role.Voice)
            .Must((role, voice) => SettingsReader.IsLive(role.Model)
                || !VoiceSettings.Live.Contains(voice?.Name ?? role.Model?.Voice ?? ""))
            .WithMessage($"is none of {string.Join(", ", VoiceSettings.BuiltIn)}; the others are of full-duplex models alone.");
        RuleFor(role => role.Tools)
            .Must(tools => tools is null || tools.Count <= 64)
            .WithMessage("holds more than 64 entries; a model chooses badly among so many, split the role.");
        RuleForEach(role => role.Tools).SetValidator(new ToolDocumentValidator());
        RuleForEach(role => role.Tools)
            .Must((role, tool) => tool.Name is null || role.Tools!.First(other => other.Name == tool.Name) == tool)
            .WithMessage((_, tool) => $"is a second tool named \"{tool.Name}\"; names must differ.");
    }
}
