using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Rules of <c>Bridge:WebHooks:N</c>. No message repeats an address or a secret: addresses may hold keys, too.</summary>
internal sealed class WebHookOptionsValidator : AbstractValidator<WebHookOptions>
{
    public WebHookOptionsValidator()
    {
        RuleFor(h => h.Url).Must((hook, url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
                && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && hook.AllowPrivate)))
            .WithMessage("WebHooks: a Url is an https address without a user; http is taken with AllowPrivate alone.");
        RuleFor(h => h.Secret).Must((hook, _) => hook.Keys() is not null)
            .WithMessage("WebHooks: a Secret is whsec_ and 24 to 64 bytes in base64, or two of them divided by a space.");
        RuleForEach(h => h.Events).Must(name => WebHookOptions.AllEvents.Contains(name, StringComparer.Ordinal))
            .WithMessage((_, name) => $"WebHooks: '{name}' is none of {string.Join(", ", WebHookOptions.AllEvents)}.");
        RuleForEach(h => h.Roles).NotEmpty();
    }
}
