using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Says at start what is wrong with the keys and modes of access. No sentence repeats a key.</summary>
internal sealed class AccessOptionsValidator : AbstractValidator<AccessOptions>
{
    public AccessOptionsValidator()
    {
        RuleFor(o => o.Mode).Must(mode => mode is null or "open" or "ticket" or "oidc" or "app")
            .WithMessage(o => $"Access:Mode: '{o.Mode}' is none of open, ticket, oidc and app.");
        RuleFor(o => o.Key).MinimumLength(AccessOptions.MinKeyLength)
            .WithMessage($"Access:Key has at least {AccessOptions.MinKeyLength} characters; 'openssl rand -base64 32' makes one.");
        RuleFor(o => o.OperatorKey).MinimumLength(AccessOptions.MinKeyLength)
            .WithMessage($"Access:OperatorKey has at least {AccessOptions.MinKeyLength} characters; 'openssl rand -base64 32' makes one.");
        RuleFor(o => o).Must(o => o.Jwks is not { Length: > 0 } || o.Authority is not { Length: > 0 })
            .WithMessage("Access: Jwks and Authority both name the keys of tickets; set one of them.");
        RuleFor(o => o).Must(o => o.Mode != "ticket" || o.TakesTickets)
            .WithMessage("Access:Mode is ticket, but no key checks tickets; set Access:Key, Access:Jwks or Access:Authority.");
        RuleFor(o => o.Oidc).Must(oidc => oidc is { Authority.Length: > 0, ClientId.Length: > 0 }).When(o => o.Mode == "oidc")
            .WithMessage("Access:Mode is oidc; set Access:Oidc:Authority and Access:Oidc:ClientId.");
    }
}
