using System.Runtime.CompilerServices;

namespace Bridge.Roles.Tests;

/// <summary>A roles folder of its own for one test, removed after it.</summary>
internal sealed class RolesFolder : IDisposable
{
    public const string PlainRole = "name: Plain\ndescription: Says what it is told.\n";

    public string Root { get; } = Directory.CreateTempSubdirectory("roles-").FullName;

    public static string Shipped() => Path.GetFullPath(Path.Combine(Here(), "..", "..", "roles"));

    /// <summary>The folder of these tests.</summary>
    public static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    public RolesFolder Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    /// <summary>A role with these files; those that every role needs are added.</summary>
    public RolesFolder Role(
        string folder, string roleYaml = PlainRole, string agent = "You are plain.", params (string Path, string Text)[] more)
    {
        Write($"{folder}/role.yaml", roleYaml);
        Write($"{folder}/agent.instruct", agent);
        foreach (var (path, text) in more)
        {
            Write($"{folder}/{path}", text);
        }

        return this;
    }

    public RoleSnapshot Load()
    {
        using var catalog = new RoleCatalog(Root);
        return catalog.Current;
    }

    /// <summary>The errors of the only role, or of the one named.</summary>
    public IReadOnlyList<string> Errors(string? folder = null)
    {
        var snapshot = Load();
        return [.. snapshot.Entries.Single(entry => folder is null || entry.Folder == folder).Errors.Select(error => error.ToString())];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
