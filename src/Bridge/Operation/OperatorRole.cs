using Bridge.Roles;

namespace Bridge.Operation;

/// <summary>A role as its operator sees it: never its prompts.</summary>
/// <param name="Slug">Its name in URLs.</param>
/// <param name="Folder">Below the roles folder.</param>
/// <param name="Name">The name people see; null when no version was ever valid.</param>
/// <param name="Emoji">May be empty.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Private">Not in the gallery of callers without a ticket.</param>
/// <param name="Revision">Hash of what is served; null when nothing is.</param>
/// <param name="Loaded">When it was read last with another outcome.</param>
/// <param name="Tools">How many functions it declares.</param>
/// <param name="Errors">Of the files as they are now; empty when what is served is current.</param>
internal sealed record OperatorRole(
    string Slug,
    string Folder,
    string? Name,
    string Emoji,
    string Language,
    bool Private,
    string? Revision,
    DateTimeOffset Loaded,
    int Tools,
    IReadOnlyList<RoleError> Errors)
{
    /// <summary>An entry of the catalogue.</summary>
    public static OperatorRole Of(RoleEntry entry, DateTimeOffset loaded) => new(
        entry.Slug,
        entry.Folder,
        entry.Role?.Name,
        entry.Role?.Emoji ?? "",
        entry.Role?.Language ?? "",
        entry.Role is { } role ? role.Visibility == RoleVisibility.Private : entry.Folder.StartsWith("private/", StringComparison.Ordinal),
        entry.Role?.Revision,
        loaded,
        entry.Role?.Tools.Count ?? 0,
        entry.Errors);
}
