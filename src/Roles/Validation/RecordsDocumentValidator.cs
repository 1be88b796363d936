using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of <c>records:</c>.</summary>
internal sealed class RecordsDocumentValidator : AbstractValidator<RecordsDocument>
{
    public RecordsDocumentValidator()
    {
        RuleFor(records => records.Keep).Written("^[1-9][0-9]{0,4}[dh]$", "it must be days or hours, such as 30d or 12h");
        RuleFor(records => records.Transcript).OneOf("yes", "redacted", "no");
        RuleFor(records => records.Audio).OneOf("none", "mixed", "tracks");
        RuleFor(records => records.Audio)
            .Must((records, audio) => audio is null or "none" || records.Transcript is null or "yes")
            .WithMessage("needs transcript: yes, because sound holds every word.");
    }
}
