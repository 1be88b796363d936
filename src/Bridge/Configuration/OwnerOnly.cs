namespace Bridge.Configuration;

/// <summary>Files of the data folder that the host's user alone may read and write.</summary>
internal static class OwnerOnly
{
    /// <summary>Options that open a file for reading and writing; a file that is made has its user's rights alone.</summary>
    /// <param name="share">The sharing that others are allowed meanwhile.</param>
    /// <param name="mode">Whether a file may be there already.</param>
    public static FileStreamOptions New(FileShare share = FileShare.ReadWrite, FileMode mode = FileMode.OpenOrCreate)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
