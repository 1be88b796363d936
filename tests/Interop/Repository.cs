namespace Bridge.Interop;

/// <summary>Where the sources lie that a test needs at run time.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Peers => Path.Combine(Root, "tests", "Interop", "peers");

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bridge.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests don't lie within the repository.");
    }
}
