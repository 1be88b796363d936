namespace Bridge.Roles.Settings;

/// <summary>The visibility of a role in the gallery.</summary>
public enum RoleVisibility
{
    /// <summary>Shown in the gallery.</summary>
    Public,

    /// <summary>Kept out of the gallery unless the host's name filter admits it; every role under <c>private/</c> is private.</summary>
    Private,
}
