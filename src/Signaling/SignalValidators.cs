using System.Text;
using FluentValidation;

namespace Bridge.Signaling;

internal sealed class JoinRequestValidator : AbstractValidator<JoinRequest>
{
    public JoinRequestValidator()
    {
        RuleFor(r => r.Role).NotEmpty().MaximumLength(128);
        RuleFor(r => r.ResumeToken).MaximumLength(128);
        RuleFor(r => r.Locale).MaximumLength(35).Matches("^[A-Za-z0-9-]*$");
        RuleFor(r => r.TimeZone).MaximumLength(64).Matches("^[A-Za-z0-9_+/-]*$");
        RuleFor(r => r.Attributes).Must(a => a is null || a.Count <= SignalLimits.Attributes)
            .WithMessage($"at most {SignalLimits.Attributes} attributes are taken");
        RuleForEach(r => r.Attributes).Must(a =>
                a.Key.Length is > 0 and <= SignalLimits.AttributeName && a.Value is { Length: <= SignalLimits.AttributeValue })
            .WithMessage($"an attribute name has 1 to {SignalLimits.AttributeName} characters, its value at most {SignalLimits.AttributeValue}");
    }
}

internal sealed class OfferRequestValidator : AbstractValidator<OfferRequest>
{
    public OfferRequestValidator()
    {
        RuleFor(r => r.CallId).NotEmpty().MaximumLength(64);
        RuleFor(r => r.Sdp).NotEmpty()
            .Must(s => s is null || Encoding.UTF8.GetByteCount(s) <= SignalLimits.SdpBytes)
            .WithMessage($"an SDP has at most {SignalLimits.SdpBytes} bytes");
    }
}

internal sealed class CandidateRequestValidator : AbstractValidator<CandidateRequest>
{
    public CandidateRequestValidator()
    {
        RuleFor(r => r.CallId).NotEmpty().MaximumLength(64);
        RuleFor(r => r.Candidate).NotNull().MaximumLength(1024);
        RuleFor(r => r.Mid).MaximumLength(64);
    }
}

internal sealed class HangupRequestValidator : AbstractValidator<HangupRequest>
{
    public HangupRequestValidator() => RuleFor(r => r.CallId).NotEmpty().MaximumLength(64);
}
