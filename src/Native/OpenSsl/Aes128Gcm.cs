namespace Bridge.Native.OpenSsl;

/// <summary>
/// AES-128-GCM with one key, nonces of 12 bytes and tags of 16 (NIST SP 800-38D; an EVP_CIPHER_CTX).
/// One thread at a time; allocates nothing per call.
/// </summary>
internal sealed unsafe class Aes128Gcm : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 16;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes of a tag.</summary>
    public const int TagSize = 16;

    // EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h.
    private const int GetTag = 0x10;
    private const int SetTag = 0x11;

    private readonly EvpCipherContextHandle _context;

    /// <summary>Takes a key.</summary>
    /// <param name="key">16 bytes.</param>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">OpenSSL does not offer the cipher.</exception>
    public Aes128Gcm(ReadOnlySpan<byte> key) => _context = AesCipher.Create("AES-128-GCM", key);

    /// <summary>Encrypts in place and writes the tag.</summary>
    /// <param name="nonce">12 bytes, never twice with one key.</param>
    /// <param name="associated">The data that the tag covers without being encrypted.</param>
    /// <param name="data">Changed in place.</param>
    /// <param name="tag">16 bytes.</param>
    /// <exception cref="OpenSslException">OpenSSL failed.</exception>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagSize);
        using var use = new HandleUse(_context);
        nint context = use.Pointer;
        int written;
        fixed (byte* code = tag)
        {
            if (!Update(context, nonce, associated, data, encrypt: true)
                || LibCrypto.EVP_CipherFinal_ex(context, code, &written) != 1
                || LibCrypto.EVP_CIPHER_CTX_ctrl(context, GetTag, TagSize, code) != 1)
            {
                LibCrypto.Throw("AES-128-GCM");
            }
        }
    }

    /// <summary>Decrypts in place and checks the tag.</summary>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="associated">The data that the tag covers without being encrypted.</param>
    /// <param name="data">Changed in place; noise when the tag is wrong.</param>
    /// <param name="tag">16 bytes.</param>
    /// <returns>False when the tag is wrong.</returns>
    /// <exception cref="OpenSslException">OpenSSL failed before it came to the tag.</exception>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagSize);
        using var use = new HandleUse(_context);
        nint context = use.Pointer;
        int written;
        byte* nothing = stackalloc byte[1];
        fixed (byte* code = tag)
        {
            if (!Update(context, nonce, associated, data, encrypt: false)
                || LibCrypto.EVP_CIPHER_CTX_ctrl(context, SetTag, TagSize, code) != 1)
            {
                LibCrypto.Throw("AES-128-GCM");
            }

            bool authentic = LibCrypto.EVP_CipherFinal_ex(context, nothing, &written) == 1;
            if (!authentic)
            {
                LibCrypto.ERR_clear_error();
            }

            return authentic;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _context.Dispose();

    private static bool Update(nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, bool encrypt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize);
        int written;
        fixed (byte* iv = nonce, readable = associated, bytes = data)
        {
            // No output means associated data; OpenSSL takes neither with a length of 0.
            return LibCrypto.EVP_CipherInit_ex2(context, 0, null, iv, encrypt ? 1 : 0, null) == 1
                && (associated.IsEmpty || LibCrypto.EVP_CipherUpdate(context, null, &written, readable, associated.Length) == 1)
                && (data.IsEmpty || LibCrypto.EVP_CipherUpdate(context, bytes, &written, bytes, data.Length) == 1);
        }
    }
}
