using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Bridge.Access;

/// <summary>
/// Inside an application that says who may call: sends people whom it does not know to its sign-in before they see a page, and answers
/// programs with 401 or 403. Scripts, styles and health checks are no secrets; the hub says in words why it opens no call.
/// </summary>
/// <param name="access">The application's policies.</param>
internal sealed class ApplicationDoor(AccessOptions access)
{
    private static readonly AuthorizationPolicy SignedIn = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();

    /// <summary>Middleware, after the application's authentication.</summary>
    /// <exception cref="InvalidOperationException">The application has no policy of the configured name.</exception>
    public async Task Check(HttpContext context, RequestDelegate next)
    {
        var ticket = ApplicationCallers.IsOfTicket(context.User);
        var known = !ticket && context.User.Identity?.IsAuthenticated == true;
        if (known && access.OperatorPolicy is { } operators && await MeetsAsync(context, operators).ConfigureAwait(false))
        {
            context.Items[Operators.PolicyItem] = true;
        }

        var path = context.Request.Path;
        var hub = path.StartsWithSegments("/signal", StringComparison.OrdinalIgnoreCase);
        if ((!hub && !SignInGate.IsPage(path) && !SignInGate.IsData(path)) || ticket
            || (known && await MeetsAsync(context, access.Policy).ConfigureAwait(false)))
        {
            await next(context).ConfigureAwait(false);
        }
        else if (hub)
        {
            context.Items.TryAdd(HubCaller.TicketFaultItem, known ? SignalCodes.NotAllowed : SignalCodes.SignInNeeded);
            await next(context).ConfigureAwait(false);
        }
        else
        {
            await RefuseAsync(context, known, SignInGate.IsPage(path)).ConfigureAwait(false);
        }
    }

    private static async Task RefuseAsync(HttpContext context, bool known, bool page)
    {
        var schemes = context.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>();
        if (known && page && await schemes.GetDefaultForbidSchemeAsync().ConfigureAwait(false) is not null)
        {
            await context.ForbidAsync().ConfigureAwait(false);
        }
        else if (!known && page && await schemes.GetDefaultChallengeSchemeAsync().ConfigureAwait(false) is not null)
        {
            await context.ChallengeAsync().ConfigureAwait(false);
        }
        else
        {
            context.Response.StatusCode = known ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync(known
                ? "not_allowed: This application does not let you call."
                : "sign_in_needed: Sign in at this application first. One without a sign-in sets Bridge:Access:Mode.")
                .ConfigureAwait(false);
        }
    }

    private static async Task<bool> MeetsAsync(HttpContext context, string? name)
    {
        var services = context.RequestServices;
        var policy = SignedIn;
        if (name is { Length: > 0 })
        {
            policy = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The application has no authorization policy '{name}', which Bridge:Access names.");
        }

        var authorization = services.GetRequiredService<IAuthorizationService>();
        var verdict = await authorization.AuthorizeAsync(context.User, context, policy).ConfigureAwait(false);
        return verdict.Succeeded;
    }
}
