using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace Bridge.Access;

/// <summary>
/// In the mode <c>oidc</c>: sends people to the identity provider before they see a page, and answers programs with 401.
/// Scripts, styles and health checks are no secrets; the hub says by itself that a sign-in is needed.
/// </summary>
internal static class SignInGate
{
    private static readonly PathString[] Pages = ["/call", "/roles", "/operator"];
    private static readonly PathString[] Data = ["/api/roles", "/openapi"];

    /// <summary>Middleware, after authentication.</summary>
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        if (context.User.Identity?.IsAuthenticated == true)
        {
            return next(context);
        }

        if (path == "/" || path == "/index.html" || Pages.Any(page => path.StartsWithSegments(page, StringComparison.OrdinalIgnoreCase)))
        {
            return context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme);
        }

        if (Data.Any(data => path.StartsWithSegments(data, StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Response.WriteAsync("sign_in_needed: Sign in at the pages of this host first.");
        }

        return next(context);
    }
}
