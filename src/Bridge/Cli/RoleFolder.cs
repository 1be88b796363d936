using System.Diagnostics.CodeAnalysis;
using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>The roles that a command line names: a whole roles folder, one role in it, or one golden conversation of a role.</summary>
/// <param name="Root">The roles folder.</param>
/// <param name="Snapshot">Everything in it.</param>
/// <param name="Entries">The name on the command line.</param>
/// <param name="Conversation">
/// The file below the roles folder, with forward slashes, that the command line names; null for all of them.
/// </param>
/// <param name="Took">How long reading and checking all of it took.</param>
internal sealed record RoleFolder(string Root, RoleSnapshot Snapshot, IReadOnlyList<RoleEntry> Entries, string? Conversation, TimeSpan Took)
{
    private const string RoleFile = "role.yaml";
    private const string PrivateFolder = "private";

    /// <summary>Loads what <paramref name="named"/> names.</summary>
    /// <param name="named">
    /// A folder, a file of a role, or the slug or name of a role in <paramref name="rolesFolder"/>; null for that folder.
    /// </param>
    /// <param name="rolesFolder">Where slugs and names are looked up.</param>
    /// <param name="found">The roles.</param>
    /// <param name="refusal">A sentence, when nothing was found.</param>
    public static bool TryLoad(
        string? named, string rolesFolder, [NotNullWhen(true)] out RoleFolder? found, [NotNullWhen(false)] out string? refusal)
    {
        (found, refusal) = (null, null);
        named ??= rolesFolder;
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(named));
        if (Directory.Exists(full))
        {
            found = File.Exists(Path.Combine(full, RoleFile)) ? LoadRole(full, null) : Load(full, _ => true, null);
            return true;
        }

        if (File.Exists(full))
        {
            if (FolderOf(full) is not { } folder)
            {
                refusal = $"'{full}' belongs to no role: none of its folders has a {RoleFile}.";
                return false;
            }

            found = LoadRole(folder, full);
            return true;
        }

        if (!Directory.Exists(rolesFolder))
        {
            refusal = $"There is no folder '{full}', and no folder '{Path.GetFullPath(rolesFolder)}' to look for a role of this name in.";
            return false;
        }

        var all = Load(Path.TrimEndingDirectorySeparator(Path.GetFullPath(rolesFolder)), _ => true, null);
        var entries = all.Entries.Where(entry => IsCalled(entry, named)).ToList();
        if (entries.Count == 0)
        {
            refusal = $"There is no folder '{full}', and no role '{named}' in '{all.Root}'; its roles are "
                + $"{string.Join(", ", all.Entries.Select(entry => entry.Slug))}.";
            return false;
        }

        found = all with { Entries = entries };
        return true;
    }

    /// <summary>A path as the reader can click it: from where the command was started.</summary>
    public string Place(RoleError error)
    {
        var file = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(Root, error.File));
        return (error with { File = file }).ToString();
    }

    private static bool IsCalled(RoleEntry entry, string name) =>
        entry.Slug == name || entry.Folder == name || entry.Folder == $"{PrivateFolder}/{name}"
        || string.Equals(entry.Role?.Name, name, StringComparison.OrdinalIgnoreCase);

    private static string? FolderOf(string file)
    {
        for (var folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, RoleFile)))
            {
                return folder;
            }
        }

        return null;
    }

    private static RoleFolder LoadRole(string folder, string? file)
    {
        var root = Path.GetDirectoryName(folder)!;
        if (Path.GetFileName(root) == PrivateFolder)
        {
            root = Path.GetDirectoryName(root)!;
        }

        var name = Below(root, folder);
        var isConversation = file is not null && Below(folder, file).StartsWith("tests/", StringComparison.Ordinal);
        return Load(root, entry => entry.Folder == name, isConversation ? Below(root, file!) : null);
    }

    private static RoleFolder Load(string root, Func<RoleEntry, bool> isNamed, string? conversation)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var catalog = new RoleCatalog(root);
        var took = TimeProvider.System.GetElapsedTime(started);
        return new RoleFolder(root, catalog.Current, [.. catalog.Current.Entries.Where(isNamed)], conversation, took);
    }

    private static string Below(string folder, string path) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
}
