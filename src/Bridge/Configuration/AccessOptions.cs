namespace Bridge.Configuration;

/// <summary>
/// Rules of who may call and who operates; configuration section <c>Bridge:Access</c>. docs/access.md has each key with its reason.
/// </summary>
public sealed class AccessOptions
{
    /// <summary>Shortest key taken, in characters.</summary>
    public const int MinKeyLength = 32;

    /// <summary>
    /// The way callers are admitted: <c>open</c>, <c>ticket</c>, <c>oidc</c> (the host's own sign-in) or <c>app</c> (the authentication
    /// of the
    /// application around the Bridge). Null is <c>app</c> inside an application, <c>open</c> on a loopback binding, and no start
    /// on any other.
    /// </summary>
    public string? Mode { get; set; }

    /// <summary>Key of tickets signed by HS256, at least 32 characters. This host mints tickets with it.</summary>
    public string? Key { get; set; }

    /// <summary>Address (https) or file of a JWKS with the public keys of tickets signed by ES256 or RS256.</summary>
    public string? Jwks { get; set; }

    /// <summary>Issuer whose OpenID Connect discovery names the public keys of tickets; its <c>iss</c> is then required.</summary>
    public string? Authority { get; set; }

    /// <summary>The <c>aud</c> that tickets have to carry; null takes any.</summary>
    public string? Audience { get; set; }

    /// <summary>True when this host has keys that tickets are checked with.</summary>
    public bool TakesTickets => Key is { Length: > 0 } || Jwks is { Length: > 0 } || Authority is { Length: > 0 };

    /// <summary>The mode as a value; <see cref="AccessMode.Open"/> when none is chosen.</summary>
    public AccessMode EffectiveMode => Mode switch
    {
        "ticket" => AccessMode.Ticket,
        "oidc" => AccessMode.Oidc,
        "app" => AccessMode.App,
        _ => AccessMode.Open,
    };

    /// <summary>
    /// Key of operators, at least 32 characters; null on a loopback binding lets the host make one for this machine's user.
    /// </summary>
    public string? OperatorKey { get; set; }

    /// <summary>The application's authorization policy that callers have to meet; null takes everybody it has authenticated.</summary>
    public string? Policy { get; set; }

    /// <summary>Authorization policy of the application that makes a person an operator; null makes none.</summary>
    public string? OperatorPolicy { get; set; }

    /// <summary>Sign-in at an identity provider, for <see cref="AccessMode.Oidc"/>.</summary>
    public OidcOptions Oidc { get; set; } = new();
}
