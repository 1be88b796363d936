using System.Security.Cryptography;

namespace Bridge.Rtc.Dtls;

/// <summary>The hash of a certificate as SDP writes it, for example "sha-256 AB:CD:..."; RFC 8122 §5.</summary>
public sealed class CertificateFingerprint : IEquatable<CertificateFingerprint>
{
    private readonly byte[] _digest;

    private CertificateFingerprint(HashAlgorithmName algorithm, byte[] digest)
    {
        Algorithm = algorithm;
        _digest = digest;
    }

    /// <summary>SHA-256, SHA-384 or SHA-512.</summary>
    public HashAlgorithmName Algorithm { get; }

    /// <summary>The SHA-256 fingerprint of a certificate in DER form.</summary>
    public static CertificateFingerprint OfCertificate(ReadOnlySpan<byte> der) =>
        new(HashAlgorithmName.SHA256, SHA256.HashData(der));

    /// <summary>
    /// Reads the value of an a=fingerprint line. False when it is malformed or the hash is not one of SHA-256, SHA-384, SHA-512.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> value, out CertificateFingerprint? fingerprint)
    {
        fingerprint = null;
        value = value.Trim(' ');
        int space = value.IndexOf(' ');
        if (space < 0)
        {
            return false;
        }

        ReadOnlySpan<char> name = value[..space];
        HashAlgorithmName algorithm;
        int size;
        if (name.Equals("sha-256", StringComparison.OrdinalIgnoreCase))
        {
            (algorithm, size) = (HashAlgorithmName.SHA256, 32);
        }
        else if (name.Equals("sha-384", StringComparison.OrdinalIgnoreCase))
        {
            (algorithm, size) = (HashAlgorithmName.SHA384, 48);
        }
        else if (name.Equals("sha-512", StringComparison.OrdinalIgnoreCase))
        {
            (algorithm, size) = (HashAlgorithmName.SHA512, 64);
        }
        else
        {
            return false;
        }

        ReadOnlySpan<char> hex = value[(space + 1)..];
        if (hex.Length != (size * 3) - 1)
        {
            return false;
        }

        byte[] digest = new byte[size];
        for (int i = 0; i < size; i++)
        {
            int high = HexValue(hex[i * 3]);
            int low = HexValue(hex[(i * 3) + 1]);
            if (high < 0 || low < 0 || (i + 1 < size && hex[(i * 3) + 2] != ':'))
            {
                return false;
            }

            digest[i] = (byte)((high << 4) | low);
        }

        fingerprint = new CertificateFingerprint(algorithm, digest);
        return true;
    }

    /// <summary>True when a certificate in DER form hashes to this fingerprint.</summary>
    public bool Matches(ReadOnlySpan<byte> der)
    {
        Span<byte> digest = stackalloc byte[64];
        int written = CryptographicOperations.HashData(Algorithm, der, digest);
        return CryptographicOperations.FixedTimeEquals(digest[..written], _digest);
    }

    /// <inheritdoc />
    public bool Equals(CertificateFingerprint? other) =>
        other is not null && Algorithm == other.Algorithm && _digest.AsSpan().SequenceEqual(other._digest);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as CertificateFingerprint);

    /// <inheritdoc />
    public override int GetHashCode() => BitConverter.ToInt32(_digest);

    /// <summary>The value of an a=fingerprint line.</summary>
    public override string ToString()
    {
        string name = _digest.Length switch { 32 => "sha-256", 48 => "sha-384", _ => "sha-512" };
        return string.Create((_digest.Length * 3) - 1 + name.Length + 1, (name, _digest), static (span, state) =>
        {
            const string Hex = "0123456789ABCDEF";
            state.name.CopyTo(span);
            span[state.name.Length] = ' ';
            span = span[(state.name.Length + 1)..];
            for (int i = 0; i < state._digest.Length; i++)
            {
                span[i * 3] = Hex[state._digest[i] >> 4];
                span[(i * 3) + 1] = Hex[state._digest[i] & 15];
                if (i + 1 < state._digest.Length)
                {
                    span[(i * 3) + 2] = ':';
                }
            }
        });
    }

    private static int HexValue(char c) => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : -1;
}
