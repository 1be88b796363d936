using System.Globalization;
using System.Text;

namespace Bridge.Roles.Loading;

/// <summary>Names, lengths and times of everything below a folder, to see cheaply whether anything changed.</summary>
internal static class FolderStamp
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        MaxRecursionDepth = FileBounds.FolderDepth + 2,
        AttributesToSkip = FileAttributes.Hidden,
    };

    public static string Of(string folder)
    {
        var stamp = new StringBuilder();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", Everything).Order(StringComparer.Ordinal))
            {
                stamp.Append(path).Append('|').Append(Look(path)).Append('\n');
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Going away while being looked at is a change by itself: the next look sees what is left.
            stamp.Append('?');
        }

        return stamp.ToString();
    }

    private static string Look(string path)
    {
        try
        {
            var entry = new FileInfo(path);
            return string.Create(CultureInfo.InvariantCulture, $"{(entry.Exists ? entry.Length : -1)}|{entry.LastWriteTimeUtc.Ticks}");
        }
        catch (UnauthorizedAccessException)
        {
            // A folder that may be read but not entered names its files and tells nothing of them; the loader says so.
            return "?";
        }
    }
}
