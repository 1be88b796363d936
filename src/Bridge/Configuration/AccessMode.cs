namespace Bridge.Configuration;

/// <summary>The rule of who may open a call: configuration key <c>Bridge:Access:Mode</c>; docs/access.md.</summary>
public enum AccessMode
{
    /// <summary>Everybody who reaches the host.</summary>
    Open,
    /// <summary>Callers with a ticket.</summary>
    Ticket,
    /// <summary>People who have signed in at the identity provider, and callers with a ticket.</summary>
    Oidc,
    /// <summary>People whom the application around the Bridge has authenticated, and callers with a ticket.</summary>
    App,
}
