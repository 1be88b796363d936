using System.Net;
using Bridge.Configuration;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>Registers and maps who may do what: names of the host, proxies, tickets, sign-in, operators.</summary>
internal static class AccessRegistration
{
    private const string EitherScheme = "ticket-or-cookie";

    public static IServiceCollection AddAccess(this IServiceCollection services, BridgeOptions options, bool loopback)
    {
        services.AddSingleton<CallAccess>()
            .AddSingleton(_ => OperatorKey.Create(options, loopback))
            .AddSingleton<ForwardingSeen>()
            .AddSingleton<Operators>()
            .AddSingleton<HostFilter>();
        var access = options.Access;
        var scheme = access.EffectiveMode == AccessMode.Oidc ? EitherScheme : JwtBearerDefaults.AuthenticationScheme;
        var authentication = services.AddAuthentication(scheme);
        authentication.AddJwtBearer(bearer => TicketAuthentication.Configure(bearer, access));
        if (access.EffectiveMode == AccessMode.Oidc)
        {
            authentication
                .AddPolicyScheme(EitherScheme, null, either => either.ForwardDefaultSelector = context => CarriesTicket(context.Request)
                    ? JwtBearerDefaults.AuthenticationScheme
                    : CookieAuthenticationDefaults.AuthenticationScheme)
                .AddCookie(cookie =>
                {
                    cookie.Cookie.Name = "bridge";
                    cookie.Cookie.SameSite = SameSiteMode.Lax;
                    cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
                })
                .AddOpenIdConnect(oidc => SignIn.Configure(oidc, access.Oidc));
        }

        return services;
    }

    /// <summary>Goes before everything that answers.</summary>
    public static void UseAccess(this WebApplication app)
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
        if (options.Access.TakesTickets || options.Access.EffectiveMode == AccessMode.Oidc)
        {
            app.UseAuthentication();
        }

        if (options.Access.EffectiveMode == AccessMode.Oidc)
        {
            app.Use(SignInGate.Check);
        }
    }

    private static bool CarriesTicket(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 || request.Query.ContainsKey("access_token");
}
