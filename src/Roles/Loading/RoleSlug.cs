using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bridge.Roles.Loading;

/// <summary>The name of a role in URLs: a function of the folder's name alone, so that it never changes with its neighbours.</summary>
internal static class RoleSlug
{
    private const int MaxLength = 64;

    /// <summary>Lower-case ASCII letters, digits and single hyphens; a name without any of them becomes <c>role-</c> and a hash.</summary>
    public static string Of(string folderName)
    {
        var slug = new StringBuilder(folderName.Length);
        foreach (var rune in Normalize(folderName, NormalizationForm.FormKD).EnumerateRunes())
        {
            if (rune.IsAscii && Rune.IsLetterOrDigit(rune))
            {
                slug.Append((char)Rune.ToLowerInvariant(rune).Value);
            }
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format)
                     && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-');
        return text.Length is > 0 and <= MaxLength
            ? text
            : $"{(text.Length > MaxLength ? text[..(MaxLength - 9)].TrimEnd('-') : "role")}-{Hash(folderName)}";
    }

    /// <summary>The slug of a folder below the roles folder, such as <c>private/demo</c>.</summary>
    public static string OfFolder(string folder) => Of(folder[(folder.LastIndexOf('/') + 1)..]);

    /// <summary>Eight hexadecimal digits of the name.</summary>
    public static string Hash(string folderName) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normalize(folderName, NormalizationForm.FormC))))[..8];

    // Windows allows names with half of a surrogate pair, which .NET refuses to normalize.
    private static string Normalize(string name, NormalizationForm form) =>
        string.Concat(name.EnumerateRunes()).Normalize(form);
}
