namespace Bridge.Roles.Loading;

/// <summary>Loads the roles of a folder; what did not change since the last time is taken over.</summary>
internal sealed class CatalogLoader(string rolesFolder)
{
    private const string PrivateFolder = "private";

    private Dictionary<string, LoadedRole> _loaded = new(StringComparer.Ordinal);
    private Dictionary<string, Role> _lastGood = new(StringComparer.Ordinal);

    /// <summary>Loads what changed.</summary>
    /// <param name="holdErrors">Leaves a folder as it was when its change brought errors: the file may be half written.</param>
    /// <param name="held">True when such a folder was left.</param>
    /// <param name="errors">What concerns no single role.</param>
    public IReadOnlyList<RoleEntry> Load(bool holdErrors, out bool held, out IReadOnlyList<RoleError> errors)
    {
        // A server's start spends a third of its time on code that runs for the first time: it is spread over the cores.
        var general = new List<RoleError>();
        var folders = new List<string>();
        SharedPartials shared = null!;
        Parallel.Invoke(() => shared = SharedPartials.Load(rolesFolder), () => folders = Folders(general), RoleLoader.Prepare);
        general.InsertRange(0, shared.Errors);
        var before = _loaded;
        var results = new LoadedRole[folders.Count];
        var isHeld = false;
        Parallel.For(0, folders.Count, i =>
        {
            var files = RoleLoader.Read(rolesFolder, folders[i]);
            var revision = RoleRevision.Of(files, shared.Revision);
            var known = before.GetValueOrDefault(folders[i]);
            results[i] = known?.Revision == revision ? known : RoleLoader.Load(folders[i], files, shared, revision);
            if (holdErrors && known is not null && known != results[i] && results[i].Errors.Count > 0)
            {
                results[i] = known;
                Volatile.Write(ref isHeld, true);
            }
        });
        held = isHeld;
        errors = general;
        _loaded = results.ToDictionary(result => result.Folder, StringComparer.Ordinal);
        return Publish(results, before);
    }

    private List<RoleEntry> Publish(LoadedRole[] results, Dictionary<string, LoadedRole> before)
    {
        var owners = Owners(results, before);
        var entries = new List<RoleEntry>(results.Length);
        var good = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var result in results)
        {
            var owns = owners[result.Slug] == result.Folder;
            var problems = new List<RoleError>(result.Errors);
            foreach (var (slug, error) in result.Transfers)
            {
                if (!owners.ContainsKey(slug))
                {
                    var near = Documents.Suggestion.Nearest(slug, owners.Keys);
                    problems.Add(error with { Message = error.Message + (near is null ? "." : $"; did you mean \"{near}\"?") });
                }
            }

            if (!owns)
            {
                problems.Add(new RoleError($"{result.Folder}/role.yaml", 0, 0, $"The folder's short name is \"{result.Slug}\", which the folder \"{owners[result.Slug]}\" already has; rename one of them."));
            }

            var role = problems.Count == 0 ? result.Role : _lastGood.GetValueOrDefault(result.Folder);
            if (role is not null)
            {
                good[result.Folder] = role;
            }

            entries.Add(new RoleEntry
            {
                Slug = owns ? result.Slug : $"{result.Slug}-{RoleSlug.Hash(result.Folder)}",
                Folder = result.Folder,
                Role = owns ? role : null,
                Errors = problems,
            });
        }

        _lastGood = good;
        return entries;
    }

    // Two folders may want the same slug. Who had it keeps it, so that links stay valid; at the start, the folder that is
    // spelt like the slug has it, then the first by name.
    private static Dictionary<string, string> Owners(LoadedRole[] results, Dictionary<string, LoadedRole> before) =>
        results
            .GroupBy(result => result.Slug, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group
                    .OrderByDescending(result => before.ContainsKey(result.Folder))
                    .ThenByDescending(result => result.Folder == result.Slug)
                    .ThenBy(result => result.Folder, StringComparer.Ordinal)
                    .First().Folder,
                StringComparer.Ordinal);

    private List<string> Folders(List<RoleError> errors)
    {
        var found = new List<string>();
        if (!Directory.Exists(rolesFolder))
        {
            errors.Add(new RoleError(rolesFolder, 0, 0, "The roles folder does not exist; create it, or name another one with --roles."));
            return found;
        }

        Add(rolesFolder, "", found, errors);
        if (Directory.Exists(Path.Combine(rolesFolder, PrivateFolder)))
        {
            Add(Path.Combine(rolesFolder, PrivateFolder), PrivateFolder + "/", found, errors);
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private void Add(string folder, string prefix, List<string> found, List<RoleError> errors)
    {
        DirectoryInfo[] entries;
        try
        {
            entries = new DirectoryInfo(folder).GetDirectories();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Add(new RoleError(prefix.Length == 0 ? rolesFolder : prefix.TrimEnd('/'), 0, 0, $"The folder can't be read: {failure.Message}"));
            return;
        }

        foreach (var entry in entries)
        {
            if (entry.Name[0] is '.' or '_' || (prefix.Length == 0 && entry.Name == PrivateFolder))
            {
                continue;
            }

            if (entry.LinkTarget is not null && !StaysInside(entry.FullName))
            {
                errors.Add(new RoleError(prefix + entry.Name, 0, 0, "This is a symbolic link that leads out of the roles folder; put a copy here instead."));
            }
            else if (HoldsFiles(entry.FullName))
            {
                found.Add(prefix + entry.Name);
            }
        }
    }

    // An empty folder is somebody about to write a role.
    private static bool HoldsFiles(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder).Any(inside => Path.GetFileName(inside)[0] != '.');
        }
        catch (UnauthorizedAccessException)
        {
            // Whoever reads it says so, in the role's name.
            return true;
        }
        catch (IOException)
        {
            // Removed since it was listed.
            return false;
        }
    }

    private bool StaysInside(string path) =>
        RealPath.Of(path) is { } real && RealPath.Of(rolesFolder) is { } root && real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
