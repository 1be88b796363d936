using System.Text.RegularExpressions;
using Bridge.Roles.Documents;
using FluentValidation;

namespace Bridge.Roles.Validation;

/// <summary>Rules of a web hook.</summary>
internal sealed partial class HttpDocumentValidator : AbstractValidator<HttpDocument>
{
    public HttpDocumentValidator()
    {
        RuleFor(http => http.Url).Required("url: https://example.com/hook");
        RuleFor(http => http.Url)
            .Must(url => string.IsNullOrEmpty(url) || IsWebAddress(url))
            .WithMessage("is \"{PropertyValue}\"; it must be an absolute http or https address without user name.");
        RuleFor(http => http.Retries).Between(0, 5);
        RuleFor(http => http.Retries)
            .Must((http, retries) => retries is null or 0 || http.Idempotent == true)
            .WithMessage("needs `idempotent: true`: what may not be sent twice is not retried.");
        RuleFor(http => http.Headers)
            .Must(
                headers =>
                    headers is null
                        || headers.All(header => HeaderName().IsMatch(header.Key) && !header.Value.AsSpan().ContainsAny('\r', '\n')))
            .WithMessage("hold a name or value that HTTP does not allow; names are letters, digits and hyphens, values one line.");
    }

    public static bool IsWebAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
    private static partial Regex HeaderName();
}
