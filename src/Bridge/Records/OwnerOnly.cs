namespace Bridge.Records;

/// <summary>Files that the host's user alone may read and write.</summary>
internal static class OwnerOnly
{
    /// <summary>Opens a file for writing, and makes it when it is not there.</summary>
    public static FileStreamOptions New(FileShare share = FileShare.ReadWrite)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
