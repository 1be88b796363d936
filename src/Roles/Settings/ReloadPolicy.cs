namespace Bridge.Roles.Settings;

/// <summary>The behaviour of a live call when its role's files change.</summary>
public enum ReloadPolicy
{
    /// <summary>The call takes the new instructions and tools at its next turn.</summary>
    Live,

    /// <summary>The call keeps the role it started with.</summary>
    Snapshot,
}
