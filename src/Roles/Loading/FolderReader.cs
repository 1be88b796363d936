namespace Bridge.Roles.Loading;

/// <summary>
/// Reads a role's folder into memory. It follows a symbolic link only when the link's end lies inside the same folder,
/// opens nothing but plain files, and stops at the bounds of <see cref="FileBounds"/>.
/// </summary>
internal sealed class FolderReader
{
    private readonly string _root;
    private readonly string _realRoot;
    private readonly string _prefix;
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<RoleError> _errors = [];
    private long _total;
    private int _seen;

    private FolderReader(string root, string prefix)
    {
        _root = root;
        _prefix = prefix;
        _realRoot = RealPath.Of(root) ?? root;
    }

    /// <summary>Reads <paramref name="folder"/>.</summary>
    /// <param name="folder">Absolute path.</param>
    /// <param name="prefix">The folder as errors spell it, with a slash at its end.</param>
    /// <param name="limitOf">Bytes that a file may have, by its path below the folder; 0 leaves it out.</param>
    public static RoleFiles Read(string folder, string prefix, Func<string, int> limitOf)
    {
        var reader = new FolderReader(folder, prefix);
        reader.Walk("", 1, limitOf);
        return new RoleFiles(reader._files, reader._errors);
    }

    private void Walk(string below, int depth, Func<string, int> limitOf)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = new DirectoryInfo(Path.Combine(_root, below)).GetFileSystemInfos();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(below, $"The folder can't be read: {failure.Message}");
            return;
        }

        Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var entry in entries)
        {
            var path = below + entry.Name;
            var isFolder = entry is DirectoryInfo;
            if (entry.Name.StartsWith('.') || entry.Name.EndsWith('~') || (!isFolder && limitOf(path) == 0)
                || (isFolder && limitOf(path + "/") == 0))
            {
                continue;
            }

            if (++_seen > FileBounds.Files)
            {
                Fail("", $"The role has more than {FileBounds.Files} files; remove what the role doesn't need.");
                return;
            }

            if (entry.LinkTarget is not null && !StaysInside(path))
            {
                Fail(path, "This is a symbolic link that leads out of the role's folder; put a copy here instead.");
            }
            else if (!isFolder)
            {
                Read(path, entry.LinkTarget is null ? null : RealPath.Of(entry.FullName), limitOf(path));
            }
            else if (depth < FileBounds.FolderDepth)
            {
                Walk(path + "/", depth + 1, limitOf);
            }
            else
            {
                Fail(path, $"Folders are nested deeper than {FileBounds.FolderDepth} levels.");
            }
        }
    }

    private bool StaysInside(string path) =>
        RealPath.Of(Path.Combine(_root, path)) is { } real
            && real.StartsWith(_realRoot + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void Read(string path, string? linked, int limit)
    {
        var full = linked ?? Path.Combine(_root, path);
        try
        {
            // A pipe or device would block or never end. They say that they are empty, and what is empty is not opened.
            var length = new FileInfo(full).Length;
            if (length == 0)
            {
                _files[path] = [];
                return;
            }

            if (length > limit)
            {
                Fail(path, $"The file has {length:N0} bytes; at most {limit:N0} are allowed.");
                return;
            }

            using var handle = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[length];
            var read = 0;
            for (int got; read < bytes.Length && (got = RandomAccess.Read(handle, bytes.AsSpan(read), read)) > 0;)
            {
                read += got;
            }

            if ((_total += read) > FileBounds.RoleBytes)
            {
                Fail(path, $"The role has more than {FileBounds.RoleBytes:N0} bytes in all; remove what it doesn't need.");
                return;
            }

            _files[path] = read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Gone between listing and opening: an editor renames. The watcher reports the rename and reads again.
            if (failure is UnauthorizedAccessException || File.Exists(full))
            {
                Fail(path, $"The file can't be read: {failure.Message}");
            }
        }
    }

    private void Fail(string path, string message) => _errors.Add(new RoleError((_prefix + path).TrimEnd('/'), 0, 0, message));
}
