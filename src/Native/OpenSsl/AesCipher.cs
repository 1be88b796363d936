namespace Bridge.Native.OpenSsl;

/// <summary>An EVP_CIPHER_CTX that is keyed once; a packet sets its IV alone.</summary>
internal static unsafe class AesCipher
{
    /// <summary>Makes a context with a key and no IV yet.</summary>
    /// <param name="algorithm">OpenSSL's name of a cipher with keys of 16 bytes.</param>
    /// <param name="key">16 bytes.</param>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">OpenSSL does not offer the cipher.</exception>
    internal static EvpCipherContextHandle Create(string algorithm, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, 16);
        LibCrypto.ERR_clear_error();
        using EvpCipherHandle cipher = LibCrypto.EVP_CIPHER_fetch(0, algorithm, 0);
        if (cipher.IsInvalid)
        {
            LibCrypto.Throw("EVP_CIPHER_fetch");
        }

        EvpCipherContextHandle context = LibCrypto.EVP_CIPHER_CTX_new();
        fixed (byte* pointer = key)
        {
            if (context.IsInvalid || LibCrypto.EVP_CipherInit_ex2(context, cipher, pointer, null, 1, null) != 1)
            {
                context.Dispose();
                LibCrypto.Throw("EVP_CipherInit_ex2");
            }
        }

        return context;
    }
}
