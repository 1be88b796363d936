using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Bridge.Cluster;

/// <summary>
/// Encrypts snapshots with AES-256-GCM (NIST SP 800-38D): one byte version, 12 bytes nonce, 16 bytes tag, the text. The call's id is
/// authenticated with it, so that one call's snapshot can't be put in another's place.
/// </summary>
internal sealed class SnapshotSeal
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Header = 1 + NonceBytes + TagBytes;

    private readonly byte[] _key;

    /// <param name="secret">The secret that all nodes share.</param>
    public SnapshotSeal(ReadOnlySpan<byte> secret) =>
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "bridge snapshots"u8.ToArray());

    /// <summary>Seals the snapshot of a call.</summary>
    public byte[] Seal(string callId, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[Header + plain.Length];
        var all = sealedBytes.AsSpan();
        all[0] = Version;
        RandomNumberGenerator.Fill(all.Slice(1, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(
            all.Slice(1, NonceBytes), plain, all[Header..], all.Slice(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(callId));
        return sealedBytes;
    }

    /// <summary>Opens what <see cref="Seal"/> made; false when it is not of this call, this secret or this version.</summary>
    public bool TryOpen(string callId, ReadOnlySpan<byte> sealedBytes, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        if (sealedBytes.Length < Header || sealedBytes[0] != Version)
        {
            return false;
        }

        var opened = new byte[sealedBytes.Length - Header];
        try
        {
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(
                sealedBytes.Slice(1, NonceBytes), sealedBytes[Header..], sealedBytes.Slice(1 + NonceBytes, TagBytes), opened,
                Encoding.UTF8.GetBytes(callId));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain = opened;
        return true;
    }
}
