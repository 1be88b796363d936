using System.Security.Cryptography;
using System.Text;
using Bridge.Configuration;

namespace Bridge.Access;

/// <summary>
/// The key that operators present as <c>Authorization: Bearer KEY</c>: the configured one, or on a loopback binding one that
/// this process makes and leaves in a file that its user alone can read (<c>operator.key</c> in the data folder). A proxy on
/// this machine passes other people's requests on without a trace, so that no header and no address tells them from those of
/// the person at the machine; a file does.
/// </summary>
internal sealed class OperatorKey
{
    private readonly byte[]? _hash;

    private OperatorKey(string? key, string? file)
    {
        _hash = key is null ? null : Hash(key);
        File = file;
    }

    /// <summary>File of the key that was made here; null when the operator configured one, or there is none.</summary>
    public string? File { get; }

    /// <summary>The configured key, else one of this process's own on a loopback binding, else none.</summary>
    public static OperatorKey Create(BridgeOptions options, bool loopback)
    {
        if (options.Access.OperatorKey is { Length: > 0 } configured)
        {
            return new OperatorKey(configured, null);
        }

        if (!loopback)
        {
            return new OperatorKey(null, null);
        }

        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var file = Path.Combine(Path.GetFullPath(options.Data), "operator.key");
        return TryWrite(file, key) ? new OperatorKey(key, file) : new OperatorKey(null, null);
    }

    /// <summary>Compares without telling by its time how much was right.</summary>
    public bool Is(string presented) => _hash is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(presented));

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool TryWrite(string file, string key)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            System.IO.File.Delete(file);
            using var writer = new StreamWriter(file, Encoding.ASCII, OwnerOnly.New(FileShare.Read, FileMode.CreateNew));
            writer.WriteLine(key);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // Without a data folder that can be written there are no operators by file; the host's own check says so.
        }
    }
}
