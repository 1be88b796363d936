namespace Bridge.Roles.Settings;

/// <summary>What a live call does when its role's files change.</summary>
public enum ReloadPolicy
{
    /// <summary>The call takes the new instructions and tools at its next turn.</summary>
    Live,

    /// <summary>The call keeps the role it started with.</summary>
    Snapshot,
}
