namespace Bridge.Configuration;

/// <summary>Sign-in of the host's own pages at an OpenID Connect provider; configuration section <c>Bridge:Access:Oidc</c>.</summary>
public sealed class OidcOptions
{
    /// <summary>Issuer of the provider, for instance <c>https://login.example.org/realms/team</c>.</summary>
    public string? Authority { get; set; }

    /// <summary>Client id that the provider knows this host by.</summary>
    public string? ClientId { get; set; }

    /// <summary>Secret of a confidential client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Claim that lists the roles of a person at the provider.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Role whose people are operators; null makes nobody an operator by sign-in.</summary>
    public string? OperatorRole { get; set; }
}
