using System.Globalization;
using Bridge.Roles.Documents;
using Bridge.Roles.Loading;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>model:</c>; values as in OpenAI Realtime, GA, <c>RealtimeSessionCreateRequestGA</c>.</summary>
internal sealed class ModelDocumentValidator : AbstractValidator<ModelDocument>
{
    public ModelDocumentValidator()
    {
        RuleFor(model => model.Name).Written("^[A-Za-z0-9._:/-]{1,128}$", "a model's name is letters, digits and . _ : / -, such as gpt-realtime-2.1");
        RuleFor(model => model.Economy).Written("^[A-Za-z0-9._:/-]{1,128}$", "a model's name is letters, digits and . _ : / -, such as gpt-realtime-mini");
        RuleFor(model => model.Protocol).OneOf("realtime", "live");
        RuleFor(model => model.Voice).OneOf([.. VoiceSettings.All]);
        RuleFor(model => model.Delegation).OneOf("responses", "client");
        RuleFor(model => model.Backend).Written("^[A-Za-z0-9._:/-]{1,128}$",
            "a model's name is letters, digits and . _ : / -, such as gpt-5.1");
        RuleFor(model => model.Backend)
            .Must((model, backend) => backend is null || SettingsReader.IsLive(model))
            .WithMessage("is of a full-duplex model, and this one takes turns; see docs/models.md.");
        RuleFor(model => model.Delegation)
            .Must((model, delegation) => delegation is null || SettingsReader.IsLive(model))
            .WithMessage("is of a full-duplex model, and this one takes turns; see docs/models.md.");
        RuleFor(model => model.Backend)
            .Must((model, backend) => backend is not null || !SettingsReader.IsLive(model) || model.Delegation != "responses")
            .WithMessage("is missing; delegation: responses needs the name of the backend model, such as backend: gpt-5.1");
        RuleFor(model => model.Economy)
            .Must((model, economy) => economy is null || SettingsReader.IsLive(model) == SettingsReader.IsLive(model, economy))
            .WithMessage("speaks another protocol than the model; a call can't move there.");
        RuleFor(model => model.MaxOutputTokens)
            .Must(value => value is null or "inf" || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) && tokens is >= 1 and <= 4096))
            .WithMessage("is {PropertyValue}; it must be a whole number between 1 and 4096, or inf.");
        RuleFor(model => model.ReasoningEffort).OneOf("minimal", "low", "medium", "high", "xhigh");
        RuleFor(model => model.Truncation)
            .Must(value => value is null or "auto" or "disabled" || TryRatio(value, out _))
            .WithMessage("is {PropertyValue}; it must be auto, disabled, or a share between 0 and 1.");
        RuleFor(model => model.NoiseReduction).OneOf("near_field", "far_field", "none");
        RuleFor(model => model.Transcription!).SetValidator(new TranscriptionDocumentValidator()).When(model => model.Transcription is not null);
        RuleFor(model => model.PromptId).AtMost(128);
    }

    public static bool TryRatio(string? value, out double ratio) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out ratio) && ratio is >= 0 and <= 1;
}
