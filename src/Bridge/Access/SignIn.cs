using System.Security.Claims;
using Bridge.Configuration;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Bridge.Access;

/// <summary>
/// Sign-in of the host's own pages (OpenID Connect Core 1.0, authorization code with PKCE). The cookie that keeps it holds the
/// subject, the name and the operators' role, and no token of the provider.
/// </summary>
internal static class SignIn
{
    /// <summary>Claim of a signed-in operator; its value is the role at the provider.</summary>
    public const string OperatorClaim = "bridge.operator";

    public static void Configure(OpenIdConnectOptions oidc, OidcOptions options)
    {
        oidc.Authority = options.Authority;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = options.ClientSecret;
        oidc.RequireHttpsMetadata = !TicketAuthentication.IsLoopback(options.Authority);
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.UsePkce = true;

        // By the query, so that the cookies of the sign-in come back with it: a form post from another site brings no Lax cookie.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.CorrelationCookie.SameSite = oidc.NonceCookie.SameSite = SameSiteMode.Lax;
        oidc.CorrelationCookie.SecurePolicy = oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        oidc.SaveTokens = false;
        oidc.MapInboundClaims = false;
        oidc.Scope.Clear();
        oidc.Scope.Add("openid");
        oidc.Scope.Add("profile");
        oidc.TokenValidationParameters.NameClaimType = "name";
        oidc.Events = new OpenIdConnectEvents
        {
            OnTokenValidated = context =>
            {
                var user = context.Principal!;
                var kept = new ClaimsIdentity("oidc", "name", "none");
                foreach (var claim in user.Claims.Where(claim => claim.Type is "sub" or "name"))
                {
                    kept.AddClaim(new(claim.Type, claim.Value));
                }

                if (options.OperatorRole is { Length: > 0 } role && user.HasClaim(options.RoleClaim, role))
                {
                    kept.AddClaim(new(OperatorClaim, role));
                }

                context.Principal = new ClaimsPrincipal(kept);
                return Task.CompletedTask;
            },
        };
    }
}
