namespace Bridge.Native.OpenSsl;

/// <summary>AES-128 in counter mode with one key (an EVP_CIPHER_CTX). One thread at a time; allocates nothing per call.</summary>
internal sealed unsafe class Aes128Counter : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 16;

    /// <summary>Bytes of a counter block.</summary>
    public const int BlockSize = 16;

    private readonly EvpCipherContextHandle _context;

    /// <summary>Takes a key.</summary>
    /// <param name="key">16 bytes.</param>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">OpenSSL does not offer the cipher.</exception>
    public Aes128Counter(ReadOnlySpan<byte> key) => _context = AesCipher.Create("AES-128-CTR", key);

    /// <summary>Encrypts or decrypts.</summary>
    /// <param name="counter">The first counter block, 16 bytes; the blocks after it count up as one big-endian number.</param>
    /// <param name="data">Changed in place.</param>
    /// <exception cref="OpenSslException">OpenSSL failed.</exception>
    public void Apply(ReadOnlySpan<byte> counter, Span<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counter.Length, BlockSize);
        if (data.IsEmpty)
        {
            return;
        }

        using var use = new HandleUse(_context);
        nint context = use.Pointer;
        int written;
        fixed (byte* iv = counter, bytes = data)
        {
            if (LibCrypto.EVP_CipherInit_ex2(context, 0, null, iv, 1, null) != 1
                || LibCrypto.EVP_CipherUpdate(context, bytes, &written, bytes, data.Length) != 1)
            {
                LibCrypto.Throw("AES-128-CTR");
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _context.Dispose();
}
