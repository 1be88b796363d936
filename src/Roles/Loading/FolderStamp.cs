using System.Globalization;
using System.IO.Enumeration;
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
            // A link is looked at and not followed: it may lead out of the folder, or in a circle.
            var entries = new FileSystemEnumerable<string>(folder, static (ref entry) => entry.ToFullPath(), Everything)
            {
                ShouldRecursePredicate = static (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            };
            var root = RealPath.Of(folder) ?? folder;
            foreach (var path in entries.Order(StringComparer.Ordinal))
            {
                stamp.Append(path).Append('|').Append(Look(path, root)).Append('\n');
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Going away while being looked at is a change by itself: the next look sees what is left.
            stamp.Append('?');
        }

        return stamp.ToString();
    }

    private static string Look(string path, string root)
    {
        try
        {
            var entry = new FileInfo(path);
            if (entry.LinkTarget is { } target)
            {
                // The end of a link inside the folder counts: that is how containers swap their files.
                return RealPath.Of(path) is { } real && real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                    ? $"{target}|{Measures(new FileInfo(real))}"
                    : target;
            }

            return Measures(entry);
        }
        catch (UnauthorizedAccessException)
        {
            // A folder that may be read but not entered names its files and tells nothing of them; the loader says so.
            return "?";
        }
    }

    private static string Measures(FileInfo entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{(entry.Exists ? entry.Length : -1)}|{entry.LastWriteTimeUtc.Ticks}");
}
