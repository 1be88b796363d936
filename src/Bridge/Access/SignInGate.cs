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

        if (IsPage(path))
        {
            return context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme);
        }

        if (IsData(path))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Response.WriteAsync("sign_in_needed: Sign in at the pages of this host first.");
        }

        return next(context);
    }

    /// <summary>True for what a person opens: the gallery, a call, a role's page module.</summary>
    public static bool IsPage(PathString path) => path == "/" || path == "/index.html" || Holds(Pages, path);

    /// <summary>True for what the pages read of the roles.</summary>
    public static bool IsData(PathString path) => Holds(Data, path);

    private static bool Holds(PathString[] places, PathString path) =>
        places.Any(place => path.StartsWithSegments(place, StringComparison.OrdinalIgnoreCase));
}
