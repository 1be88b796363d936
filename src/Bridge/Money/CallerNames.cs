using System.Net;
using System.Security.Cryptography;
using System.Text;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Limits;
using Microsoft.Extensions.Options;

namespace Bridge.Money;

/// <summary>
/// Names of callers in accounts, usage and metrics: a keyed hash, so that neither file nor metric shows who called. The key is
/// in <c>usage.key</c> in the data folder, so that a caller keeps the name over a restart.
/// </summary>
/// <param name="options">The data folder.</param>
/// <param name="shared">The key that all nodes of a cluster have; null: the file's.</param>
internal sealed class CallerNames(IOptions<BridgeOptions> options, Func<byte[]>? shared = null)
{
    private const int KeyBytes = 32;
    private const int NameBytes = 8;

    private readonly Lazy<byte[]> _key = new(() => shared?.Invoke() ?? ReadKey(Path.Combine(Path.GetFullPath(options.Value.Data), "usage.key")));

    /// <summary>Reads the key, or makes it.</summary>
    /// <exception cref="HostStartException">The file holds no key.</exception>
    /// <exception cref="IOException">It can't be read or made.</exception>
    public void Load() => _ = _key.Value;

    /// <summary>The name of a caller: by its ticket's <c>sub</c>, or by its address (/64 in IPv6) when it has none.</summary>
    public string Of(Caller caller, IPAddress? address) =>
        Hash(caller.Subject is { } subject ? "sub " + subject : "address " + ClientAddress.Of(address).Bits);

    private string Hash(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(text))[..NameBytes]);

    private static byte[] ReadKey(string file)
    {
        if (File.Exists(file))
        {
            return TryParse(File.ReadAllText(file).Trim()) ?? throw new HostStartException(
                $"{file} holds no key any more; remove it, and callers get other names and the whole of their budget of today again.");
        }

        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var writer = new StreamWriter(file, Encoding.ASCII, OwnerOnly.New(FileShare.Read, FileMode.CreateNew));
        writer.WriteLine(Convert.ToHexStringLower(key));
        return key;
    }

    private static byte[]? TryParse(string text)
    {
        var key = new byte[KeyBytes];
        return text.Length == 2 * KeyBytes && Convert.FromHexString(text, key, out _, out _) == System.Buffers.OperationStatus.Done ? key : null;
    }
}
