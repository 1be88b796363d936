using Bridge.Signaling;
using FluentValidation;

namespace Bridge.Access;

/// <summary>Holds a request for a ticket to what a ticket may say.</summary>
internal sealed class TicketRequestValidator : AbstractValidator<TicketRequest>
{
    private const int MaxSeconds = 30 * 24 * 3600;

    public TicketRequestValidator()
    {
        RuleFor(r => r.Sub).NotEmpty().MaximumLength(256).WithName("sub");
        RuleFor(r => r.Roles).Must(roles => roles is null || roles.Count is > 0 and <= 64)
            .WithMessage("roles has 1 to 64 slugs; leave it out for every role");
        RuleForEach(r => r.Roles).NotEmpty().MaximumLength(128).WithName("roles");
        RuleFor(r => r.Attributes).Must(a => a is null || a.Count <= SignalLimits.Attributes)
            .WithMessage($"attributes has at most {SignalLimits.Attributes} members");
        RuleFor(r => r.Minutes).InclusiveBetween(0.1, 24 * 60).WithName("minutes");
        RuleFor(r => r.Budget).InclusiveBetween(0, 1_000_000).WithName("budget");
        RuleFor(r => r.Concurrent).InclusiveBetween(1, 100_000).WithName("concurrent");
        RuleFor(r => r.ExpiresIn).InclusiveBetween(1, MaxSeconds).WithName("expiresIn");
    }
}
