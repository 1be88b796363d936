using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Holds limits to numbers that can be kept.</summary>
internal sealed class LimitOptionsValidator : AbstractValidator<LimitOptions>
{
    public LimitOptionsValidator()
    {
        RuleFor(o => o.Joins).InclusiveBetween(1, 1_000_000).WithName("Limits:Joins");
        RuleFor(o => o.JoinSeconds).InclusiveBetween(0.001, 3600).WithName("Limits:JoinSeconds");
        RuleFor(o => o.ConnectionsPerAddress).InclusiveBetween(1, 1_000_000).WithName("Limits:ConnectionsPerAddress");
        RuleFor(o => o.CallsPerAddress).InclusiveBetween(1, 1_000_000).WithName("Limits:CallsPerAddress");
        RuleFor(o => o.CallsPerCaller).InclusiveBetween(1, 1_000_000).WithName("Limits:CallsPerCaller");
        RuleFor(o => o.ReservedPercent).InclusiveBetween(0, 90).WithName("Limits:ReservedPercent");
        RuleFor(o => o.OfferSeconds).InclusiveBetween(1, 3600).WithName("Limits:OfferSeconds");
        RuleFor(o => o.Offers).InclusiveBetween(1, 1_000_000).WithName("Limits:Offers");
        RuleFor(o => o.OffersPerAddress).InclusiveBetween(1, 1_000_000).WithName("Limits:OffersPerAddress");
        RuleFor(o => o.Texts).InclusiveBetween(1, 1_000_000).WithName("Limits:Texts");
        RuleFor(o => o.Images).InclusiveBetween(1, 1_000_000).WithName("Limits:Images");
        RuleFor(o => o.Hellos).InclusiveBetween(1, 1_000_000).WithName("Limits:Hellos");
        RuleFor(o => o.CallMemory).Must(m => ByteSize.TryParse(m, out var bytes) && bytes >= 1 << 20)
            .WithMessage(o => $"Limits:CallMemory: '{o.CallMemory}' is no size of at least 1MB; it looks like 96MB.");
        RuleFor(o => o.Notifications).InclusiveBetween(1, 1_000_000).WithName("Limits:Notifications");
        RuleFor(o => o.Digits).InclusiveBetween(1, 1_000_000).WithName("Limits:Digits");
    }
}
