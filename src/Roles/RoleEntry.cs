namespace Bridge.Roles;

/// <summary>One folder of the catalogue: the last good role, if there ever was one, and what is wrong now.</summary>
public sealed record RoleEntry
{
    /// <summary>Stable name in URLs, from the folder's name.</summary>
    public required string Slug { get; init; }

    /// <summary>The folder below the roles folder, with forward slashes.</summary>
    public required string Folder { get; init; }

    /// <summary>The last version that was valid; null when none was.</summary>
    public Role? Role { get; init; }

    /// <summary>Errors of the files as they are now; empty when <see cref="Role"/> is current.</summary>
    public IReadOnlyList<RoleError> Errors { get; init; } = [];
}
