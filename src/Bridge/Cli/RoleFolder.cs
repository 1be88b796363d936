using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>The roles that a command line names: a whole roles folder, or one role in it.</summary>
internal sealed record RoleFolder(string Root, RoleSnapshot Snapshot, IReadOnlyList<RoleEntry> Entries)
{
    /// <summary>Loads <paramref name="folder"/>; null when there is no such folder or role.</summary>
    public static RoleFolder? Load(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(full))
        {
            return null;
        }

        var isRole = File.Exists(Path.Combine(full, "role.yaml"));
        var root = isRole ? Path.GetDirectoryName(full)! : full;
        if (isRole && Path.GetFileName(root) == "private")
        {
            root = Path.GetDirectoryName(root)!;
        }

        using var catalog = new RoleCatalog(root);
        var snapshot = catalog.Current;
        var name = Path.GetRelativePath(root, full).Replace(Path.DirectorySeparatorChar, '/');
        return new RoleFolder(root, snapshot, isRole ? [.. snapshot.Entries.Where(entry => entry.Folder == name)] : snapshot.Entries);
    }

    /// <summary>A path as the reader can click it: from where the command was started.</summary>
    public string Place(RoleError error)
    {
        var file = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(Root, error.File));
        return (error with { File = file }).ToString();
    }
}
