using System.Net;
using Bridge.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>Registers and maps who may do what: names of the host, proxies, tickets, sign-in, operators.</summary>
internal static class AccessRegistration
{
    private const string EitherScheme = "ticket-or-cookie";

    public static IServiceCollection AddAccess(this IServiceCollection services, BridgeOptions options, BridgeMount mount)
    {
        services.AddSingleton<CallAccess>()
            .AddSingleton(_ => OperatorKey.Create(options, mount.Loopback))
            .AddSingleton<ForwardingSeen>()
            .AddSingleton<Operators>()
            .AddSingleton<HostFilter>()
            .AddSingleton<ApplicationCallers>();
        if (options.Access.EffectiveMode == AccessMode.App)
        {
            services.AddAuthorization();
        }

        if (options.Access.TakesTickets || !mount.InApplication)
        {
            services.AddAuthentication().AddJwtBearer(
                TicketAuthentication.Scheme, bearer => TicketAuthentication.Configure(bearer, options.Access));

            // ASP.NET takes an only scheme for the default one; ours must not end that for the application's.
            services.PostConfigure<AuthenticationOptions>(schemes => schemes.DefaultScheme ??=
                schemes.Schemes.Where(scheme => scheme.Name != TicketAuthentication.Scheme).ToList() is [var only] ? only.Name : null);
        }

        return services;
    }

    /// <summary>The default authentication and the sign-in of a host that is a process of its own.</summary>
    public static IServiceCollection AddSignIn(this IServiceCollection services, AccessOptions access)
    {
        if (access.EffectiveMode != AccessMode.Oidc)
        {
            services.AddAuthentication(TicketAuthentication.Scheme);
            return services;
        }

        services.AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, either => either.ForwardDefaultSelector = context => CarriesTicket(context.Request)
                ? TicketAuthentication.Scheme
                : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = "bridge";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            })
            .AddOpenIdConnect(oidc => SignIn.Configure(oidc, access.Oidc));
        return services;
    }

    /// <summary>Proxies, names and sign-in of a host that is a process of its own; goes before everything that answers.</summary>
    public static void UseHostAccess(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<BridgeOptions>>().Value;
        app.Use(app.Services.GetRequiredService<ForwardingSeen>().Look);
        if (options.Proxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in options.Proxies)
            {
                forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            }

            app.UseForwardedHeaders(forwarded);
        }

        app.Use(app.Services.GetRequiredService<HostFilter>().Check);
        app.Use(app.Services.GetRequiredService<Operators>().MarkLocal);

        // Named here even where nothing is to be authenticated: the framework would add it before the proxies' headers are read.
        app.UseAuthentication();
        if (options.Access.EffectiveMode == AccessMode.Oidc)
        {
            app.Use(SignInGate.Check);
        }
    }

    /// <summary>Callers of an application: their tickets, its authentication, its policies.</summary>
    public static void UseApplicationAccess(this IApplicationBuilder app)
    {
        var access = app.ApplicationServices.GetRequiredService<IOptions<BridgeOptions>>().Value.Access;
        if (access.TakesTickets)
        {
            app.Use(ReadTicket);
        }

        if (access.EffectiveMode == AccessMode.App)
        {
            app.Use(new ApplicationDoor(access).Check);
        }
    }

    private static async Task ReadTicket(HttpContext context, RequestDelegate next)
    {
        if (CarriesTicket(context.Request)
            && await context.AuthenticateAsync(TicketAuthentication.Scheme).ConfigureAwait(false) is { Principal: { } caller })
        {
            context.User = caller;
        }

        await next(context).ConfigureAwait(false);
    }

    private static bool CarriesTicket(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 || request.Query.ContainsKey("access_token");
}
