using System.Globalization;

namespace Bridge.Roles.Loading;

/// <summary>
/// Gives each folder a slug of its own. Two folders may want the same: the one that had it keeps it, so that links stay valid;
/// at the start the folder that is spelt like the slug has it, then the first by name. The others get one with a hash.
/// </summary>
internal sealed class SlugRegister
{
    private Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>The slugs that a folder has as it wanted them.</summary>
    public IReadOnlyCollection<string> Owned => _owners.Keys;

    /// <summary>The folder that has the slug as it wanted it; null when none has.</summary>
    public string? Owner(string slug) => _owners.GetValueOrDefault(slug);

    /// <summary>The slug of each folder; no two are equal.</summary>
    public IReadOnlyDictionary<string, string> Assign(IReadOnlyList<LoadedRole> roles)
    {
        var before = _owners;
        _owners = roles
            .GroupBy(role => role.Slug, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group
                    .OrderByDescending(role => before.GetValueOrDefault(role.Slug) == role.Folder)
                    .ThenByDescending(role => role.Folder == role.Slug)
                    .ThenBy(role => role.Folder, StringComparer.Ordinal)
                    .First().Folder,
                StringComparer.Ordinal);
        var taken = _owners.Keys.ToHashSet(StringComparer.Ordinal);
        return roles.ToDictionary(
            role => role.Folder,
            role => _owners[role.Slug] == role.Folder ? role.Slug : Free(role, taken),
            StringComparer.Ordinal);
    }

    // Another folder may be named like the slug with the hash.
    private static string Free(LoadedRole role, HashSet<string> taken)
    {
        var hashed = $"{role.Slug}-{RoleSlug.Hash(role.Folder)}";
        var slug = hashed;
        for (var count = 2; !taken.Add(slug); count++)
        {
            slug = string.Create(CultureInfo.InvariantCulture, $"{hashed}-{count}");
        }

        return slug;
    }
}
