using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Access;

/// <summary>
/// Tickets are JWTs (RFC 7519) in the <c>Authorization</c> header, and on the hub's path in the query
/// (<c>access_token</c>), because a browser's WebSocket carries no headers. A ticket that is not accepted does not close the
/// connection: the hub says in words what is wrong with it.
/// </summary>
internal static class TicketAuthentication
{
    /// <summary>Authentication scheme of tickets, and type of the identity that one gives.</summary>
    public const string Scheme = "BridgeTicket";

    /// <summary>Clocks of issuer and host may differ by so much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    public static void Configure(JwtBearerOptions bearer, AccessOptions options)
    {
        bearer.MapInboundClaims = false;
        bearer.RequireHttpsMetadata = !IsLoopback(options.Authority);
        bearer.Authority = options.Authority;
        if (options.Jwks is { Length: > 0 } jwks)
        {
            bearer.ConfigurationManager = TicketKeys.FromJwks(jwks);
        }

        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = [.. TicketKeys.Algorithms(options)],
            IssuerSigningKeys = options.Key is { Length: > 0 } key ? [TicketKeys.Symmetric(key)] : [],
            ValidateIssuer = options.Authority is { Length: > 0 },
            ValidateAudience = options.Audience is { Length: > 0 },
            ValidAudience = options.Audience,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = ClockSkew,
            NameClaimType = "sub",
            RoleClaimType = "none",
            AuthenticationType = Scheme,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                if (context.Request.Path.StartsWithSegments("/signal", StringComparison.OrdinalIgnoreCase)
                    && context.Request.Query["access_token"].ToString() is { Length: > 0 } token)
                {
                    context.Token = token;
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = context =>
            {
                context.HttpContext.Items[HubCaller.TicketFaultItem] = context.Exception is SecurityTokenExpiredException
                    ? SignalCodes.TicketExpired
                    : SignalCodes.TicketInvalid;
                if (!IsOfTheTicket(context.Exception))
                {
                    // The keys can't be had. The handler would answer 500, and the hub could not say a word.
                    Log.TicketKeysUnavailable(
                        context.HttpContext.RequestServices.GetRequiredService<ILogger<CallAccess>>(), context.Exception.Message);
                    context.NoResult();
                }

                return Task.CompletedTask;
            },
        };
    }

    /// <summary>True when the ticket is at fault: anybody can send such a one, so that no line of the log is worth it.</summary>
    public static bool IsOfTheTicket(Exception failure) => failure is SecurityTokenException or ArgumentException;

    /// <summary>True for the address of a provider on this machine, which may do without TLS.</summary>
    public static bool IsLoopback(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback;
}
