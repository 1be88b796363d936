using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Records;

/// <summary>
/// The files that belong to calls, beside the store: a folder for each call below <c>DATA/files</c>, which the host's user alone
/// may read. A call that is erased loses its folder.
/// </summary>
internal sealed class CallFiles(string root)
{
    private const int MaxId = 64;

    public CallFiles(IOptions<BridgeOptions> options)
        : this(Root(options.Value.Data))
    {
    }

    /// <summary>The files of the calls of a data folder.</summary>
    public static CallFiles Below(string data) => new(Root(data));

    /// <summary>True for an id that calls have; of any other there is no folder.</summary>
    public static bool IsId(string id) => id is { Length: > 0 and <= MaxId } && id.All(char.IsAsciiLetterOrDigit);

    /// <summary>Opens a new file of a call: NAME, or NAME-2 and so on when the call went on after its host crashed.</summary>
    /// <param name="id">The call.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="ending">The ending, with its dot.</param>
    /// <param name="buffered">False: each write is the system's at once, so that nothing of it dies with the host.</param>
    /// <exception cref="IOException">It can't be made.</exception>
    public FileStream Create(string id, string name, string ending, bool buffered = true)
    {
        var folder = Folder(id);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        for (var number = 1; ; number++)
        {
            var file = Path.Combine(folder, number == 1 ? name + ending : $"{name}-{number}{ending}");
            if (!File.Exists(file))
            {
                var options = OwnerOnly.New(FileShare.Read | FileShare.Delete, FileMode.CreateNew);
                options.BufferSize = buffered ? options.BufferSize : 0;
                return new FileStream(file, options);
            }
        }
    }

    /// <summary>The files of a call that were made under a name, in the order of their making.</summary>
    public IReadOnlyList<string> Find(string id, string name, string ending)
    {
        if (!IsId(id))
        {
            return [];
        }

        List<string> found = [];
        for (var number = 1; ; number++)
        {
            var file = Path.Combine(Folder(id), number == 1 ? name + ending : $"{name}-{number}{ending}");
            if (!File.Exists(file))
            {
                return found;
            }

            found.Add(file);
        }
    }

    /// <summary>Calls that have files.</summary>
    /// <param name="unchangedSince">Those of whose folder no file was made since.</param>
    public IReadOnlyList<string> Calls(DateTimeOffset unchangedSince) => !Directory.Exists(root) ? []
        : [.. new DirectoryInfo(root).EnumerateDirectories()
            .Where(folder => IsId(folder.Name) && folder.LastWriteTimeUtc < unchangedSince)
            .Select(folder => folder.Name)];

    /// <summary>Removes the files of a call that were made under a name.</summary>
    /// <exception cref="IOException">One could not be removed.</exception>
    public void Erase(string id, string name, string ending)
    {
        foreach (var file in Find(id, name, ending))
        {
            File.Delete(file);
        }

        if (Directory.Exists(Folder(id)) && !Directory.EnumerateFileSystemEntries(Folder(id)).Any())
        {
            Directory.Delete(Folder(id));
        }
    }

    /// <summary>Removes every file of a call.</summary>
    /// <exception cref="IOException">One could not be removed.</exception>
    public void Erase(string id)
    {
        try
        {
            if (IsId(id) && Directory.Exists(Folder(id)))
            {
                Directory.Delete(Folder(id), recursive: true);
            }
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    private static string Root(string data) => Path.Combine(Path.GetFullPath(data), "files");

    private string Folder(string id) =>
        IsId(id) ? Path.Combine(root, id) : throw new ArgumentException("It is no id of a call.", nameof(id));
}
