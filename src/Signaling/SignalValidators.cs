using System.Text;
using FluentValidation;

namespace Bridge.Signaling;

internal sealed class JoinRequestValidator : AbstractValidator<JoinRequest>
{
    public JoinRequestValidator()
    {
        RuleFor(r => r.Role).NotEmpty().MaximumLength(128);
        RuleFor(r => r.ResumeToken).MaximumLength(128);
        RuleFor(r => r.Attributes).Must(a => a is null || a.Count <= SignalLimits.Attributes)
            .WithMessage(r => $"There are {r.Attributes?.Count} attributes; at most {SignalLimits.Attributes} are taken.");
        RuleForEach(r => r.Attributes).Must(a => a.Key.Length is > 0 and <= SignalLimits.AttributeName)
            .WithMessage(
                (_, a) =>
                    $"The attribute name '{Short(a.Key)}' has {a.Key.Length} characters; it may have 1 to {SignalLimits.AttributeName}.");
        RuleForEach(r => r.Attributes).Must(a => a.Value is { Length: <= SignalLimits.AttributeValue })
            .WithMessage((_, a) => a.Value is null
                ? $"The attribute '{Short(a.Key)}' has no value."
                : $"The attribute '{Short(a.Key)}' has {a.Value.Length} characters; its value may have {SignalLimits.AttributeValue}.");
    }

    private static string Short(string name) => name.Length <= SignalLimits.AttributeName ? name : name[..SignalLimits.AttributeName];
}

internal sealed class OfferRequestValidator : AbstractValidator<OfferRequest>
{
    public OfferRequestValidator()
    {
        RuleFor(r => r.CallId).NotEmpty().MaximumLength(64);
        RuleFor(r => r.Sdp).IsSdp();
    }
}

internal sealed class StartRequestValidator : AbstractValidator<StartRequest>
{
    public StartRequestValidator()
    {
        RuleFor(r => r.Join).NotNull().SetValidator(new JoinRequestValidator());
        RuleFor(r => r.Sdp).IsSdp();
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

internal sealed class RecapRequestValidator : AbstractValidator<RecapRequest>
{
    public RecapRequestValidator() => RuleFor(r => r.ResumeToken).NotEmpty().MaximumLength(128);
}

internal static class SignalRules
{
    public static IRuleBuilderOptions<T, string> IsSdp<T>(this IRuleBuilder<T, string> sdp) => sdp.NotEmpty()
        .Must(s => s is null || Encoding.UTF8.GetByteCount(s) <= SignalLimits.SdpBytes)
        .WithMessage($"an SDP has at most {SignalLimits.SdpBytes} bytes");
}
