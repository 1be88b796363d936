namespace Bridge.Roles.Loading;

/// <summary>Loads the roles of a folder; what did not change since the last time is taken over.</summary>
/// <param name="rolesFolder">The roles folder, absolute.</param>
/// <param name="load">Turns the files of one folder into a role: <see cref="RoleLoader.Load"/>, or a test's.</param>
internal sealed class CatalogLoader(string rolesFolder, Func<string, RoleFiles, SharedPartials, string, LoadedRole> load)
{
    private const string PrivateFolder = "private";

    private readonly SlugRegister _slugs = new();
    private Dictionary<string, LoadedRole> _loaded = new(StringComparer.Ordinal);
    private Dictionary<string, Role> _lastGood = new(StringComparer.Ordinal);

    /// <summary>Loads what changed.</summary>
    /// <param name="holdErrors">Leaves a folder as it was when its change brought errors: the file may be half written.</param>
    /// <param name="held">True when such a folder was left.</param>
    /// <param name="errors">Errors that concern no single role.</param>
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
            var known = before.GetValueOrDefault(folders[i]);
            results[i] = Load(folders[i], known, shared);
            if (holdErrors && known is not null && known != results[i] && results[i].Errors.Count > 0)
            {
                results[i] = known;
                Volatile.Write(ref isHeld, true);
            }
        });
        held = isHeld;
        errors = general;
        _loaded = results.ToDictionary(result => result.Folder, StringComparer.Ordinal);
        return Publish(results);
    }

    // A defect of the loader costs the role that has found it, and neither the others nor the process.
    private LoadedRole Load(string folder, LoadedRole? known, SharedPartials shared)
    {
        try
        {
            var files = RoleLoader.Read(rolesFolder, folder);
            var revision = RoleRevision.Of(files, shared.Revision);
            return known?.Revision == revision ? known : load(folder, files, shared, revision);
        }
        catch (Exception defect)
        {
            var error = new RoleError(folder, 0, 0, $"The role can't be read because of a defect in the Bridge "
                + $"({defect.GetType().Name}: {defect.Message}); please report it with the role's files.");
            return new LoadedRole(folder, RoleSlug.OfFolder(folder), "", null, [error], []);
        }
    }

    private List<RoleEntry> Publish(LoadedRole[] results)
    {
        var slugs = _slugs.Assign(results);
        var entries = new List<RoleEntry>(results.Length);
        var good = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var result in results)
        {
            var owns = slugs[result.Folder] == result.Slug;
            var problems = new List<RoleError>(result.Errors);
            foreach (var (slug, error) in result.Transfers)
            {
                if (_slugs.Owner(slug) is null)
                {
                    var near = Documents.Suggestion.Nearest(slug, _slugs.Owned);
                    problems.Add(error with { Message = error.Message + (near is null ? "." : $"; did you mean \"{near}\"?") });
                }
            }

            if (!owns)
            {
                problems.Add(new RoleError($"{result.Folder}/role.yaml", 0, 0, $"The folder's short name is \"{result.Slug}\", which "
                    + $"the folder \"{_slugs.Owner(result.Slug)}\" already has; rename one of them."));
            }

            var role = problems.Count == 0 ? result.Role : _lastGood.GetValueOrDefault(result.Folder);
            if (role is not null)
            {
                good[result.Folder] = role;
            }

            entries.Add(new RoleEntry
            {
                Slug = slugs[result.Folder],
                Folder = result.Folder,
                Role = owns ? role : null,
                Errors = problems,
            });
        }

        _lastGood = good;
        return entries;
    }

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
            errors.Add(new RoleError(prefix.Length == 0 ? rolesFolder : prefix.TrimEnd('/'), 0, 0, $"The folder can't be read: "
                + $"{failure.Message}"));
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
                errors.Add(new RoleError(prefix + entry.Name, 0, 0, "This is a symbolic link that leads out of the roles folder; put a "
                    + "copy here instead."));
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
            // The reader of the file says so, in the role's name.
            return true;
        }
        catch (IOException)
        {
            // Removed since it was listed.
            return false;
        }
    }

    private bool StaysInside(string path) =>
        RealPath.Of(path) is { } real && RealPath.Of(rolesFolder) is { } root
            && real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
