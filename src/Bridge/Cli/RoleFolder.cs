using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>The roles that a command line names: a whole roles folder, or one role in it.</summary>
/// <param name="Root">The roles folder.</param>
/// <param name="Snapshot">Everything in it.</param>
/// <param name="Entries">What the command line names.</param>
/// <param name="Took">How long reading and checking all of it took.</param>
internal sealed record RoleFolder(string Root, RoleSnapshot Snapshot, IReadOnlyList<RoleEntry> Entries, TimeSpan Took)
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

        var started = TimeProvider.System.GetTimestamp();
        using var catalog = new RoleCatalog(root);
        var took = TimeProvider.System.GetElapsedTime(started);
        var snapshot = catalog.Current;
        var name = Path.GetRelativePath(root, full).Replace(Path.DirectorySeparatorChar, '/');
        return new RoleFolder(root, snapshot, isRole ? [.. snapshot.Entries.Where(entry => entry.Folder == name)] : snapshot.Entries, took);
    }

    /// <summary>A path as the reader can click it: from where the command was started.</summary>
    public string Place(RoleError error)
    {
        var file = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(Root, error.File));
        return (error with { File = file }).ToString();
    }
}
