namespace Bridge.Rehearsal.Tests;

internal static class Vectors
{
    private static readonly Lazy<string> Folder = new(() =>
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Bridge.sln")))
            {
                return System.IO.Path.Combine(folder.FullName, "tests", "Vectors");
            }
        }

        throw new DirectoryNotFoundException("The repository is not above the tests.");
    });

    public static string Root => System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder.Value, "..", ".."));

    public static string Path(string name) => System.IO.Path.Combine(Folder.Value, name);
}
