using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>model.transcription:</c>.</summary>
internal sealed class TranscriptionDocumentValidator : AbstractValidator<TranscriptionDocument>
{
    public TranscriptionDocumentValidator()
    {
        RuleFor(transcription => transcription.Model)
            .Written("^[A-Za-z0-9._:/-]{1,128}$", "a model's name is letters, digits and . _ : / -, such as gpt-transcribe");
        RuleFor(transcription => transcription.Language).Written("^[a-z]{2,3}$", "it must be an ISO 639-1 code such as en");
        RuleFor(transcription => transcription.Prompt).AtMost(1000);
    }
}
