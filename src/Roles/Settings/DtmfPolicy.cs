namespace Bridge.Roles.Settings;

/// <summary>The receivers of telephone keys that the caller presses (RFC 4733).</summary>
public enum DtmfPolicy
{
    /// <summary>Nobody: what is typed there may be a PIN or the number of a card.</summary>
    None,

    /// <summary>The page's SDK.</summary>
    Page,

    /// <summary>The page's SDK, and the model by a system message.</summary>
    Model,
}
