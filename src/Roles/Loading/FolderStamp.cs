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
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                stamp.Append(entry.FullName).Append('|')
                    .Append(entry is FileInfo { Exists: true } file ? file.Length.ToString(CultureInfo.InvariantCulture) : "-").Append('|')
                    .Append(entry.LastWriteTimeUtc.Ticks).Append('\n');
            }
        }
        catch (IOException)
        {
            // Going away while being looked at is a change by itself: the next look sees what is left.
            stamp.Append('?');
        }

        return stamp.ToString();
    }
}
