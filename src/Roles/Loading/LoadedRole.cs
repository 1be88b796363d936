namespace Bridge.Roles.Loading;

/// <summary>The result of loading one folder.</summary>
/// <param name="Folder">Below the roles folder, with forward slashes.</param>
/// <param name="Slug">From the folder's name.</param>
/// <param name="Revision">Hash of what was read.</param>
/// <param name="Role">Null when there are errors.</param>
/// <param name="Errors">The errors.</param>
/// <param name="Transfers">Slugs of other roles that the role refers to, each with the error for the case that there is none.</param>
internal sealed record LoadedRole(
    string Folder, string Slug, string Revision, Role? Role, IReadOnlyList<RoleError> Errors, IReadOnlyList<KeyValuePair<string,
    RoleError>> Transfers);
