using Bridge.Native.OpenSsl;

namespace Bridge.Rtc.Srtp;

/// <summary>
/// The key derivation of RFC 3711 §4.3 with a key derivation rate of zero; for GCM with the shorter salt of RFC 7714 §11.
/// </summary>
internal static class SrtpKeys
{
    public const int MasterKeySize = 16;

    private const int DerivationSaltSize = 14;

    /// <summary>The master salt's length: 14 bytes, 12 for GCM.</summary>
    public static int SaltSize(SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    /// <summary>The length of a DTLS handshake's export for both directions: two keys, then two salts (RFC 5764 §4.2).</summary>
    public static int ExportSize(SrtpProfile profile) => 2 * (MasterKeySize + SaltSize(profile));

    /// <summary>Derives one session key or salt.</summary>
    /// <param name="masterKey">16 bytes.</param>
    /// <param name="masterSalt">12 or 14 bytes.</param>
    /// <param name="label">0 to 2 for SRTP, 3 to 5 for SRTCP: encryption, authentication, salt.</param>
    /// <param name="output">Filled.</param>
    public static void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> output)
    {
        // x = salt ^ (label << 48), the key stream of AES-CM at x * 2^16.
        Span<byte> counter = stackalloc byte[Aes128Counter.BlockSize];
        counter.Clear();
        masterSalt.CopyTo(counter[..DerivationSaltSize]);
        counter[7] ^= label;
        using var aes = new Aes128Counter(masterKey);
        output.Clear();
        aes.Apply(counter, output);
    }
}
