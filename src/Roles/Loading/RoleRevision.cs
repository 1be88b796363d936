using System.Security.Cryptography;
using System.Text;

namespace Bridge.Roles.Loading;

/// <summary>A hash over names and bytes, so that what did not change is recognised.</summary>
internal static class RoleRevision
{
    public static string Of(RoleFiles files, string more = "")
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(more));
        Span<byte> length = stackalloc byte[8];
        foreach (var (path, bytes) in files.ByPath.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            BitConverter.TryWriteBytes(length, bytes.LongLength);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        foreach (var error in files.Errors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(error.ToString()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
