namespace Bridge.Testing;

/// <summary>Where the sources are, seen from a test's output folder.</summary>
public static class Repository
{
    /// <summary>The folder of Bridge.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bridge.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Bridge.sln is not above the test's output folder.");
    }
}
