namespace Bridge.Native.OpenSsl;

/// <summary>
/// HMAC-SHA1 (RFC 2104) with one key (an EVP_MAC_CTX that is reset for each message). One thread at a time; allocates nothing per message.
/// </summary>
internal sealed unsafe class HmacSha1 : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int Size = 20;

    // Before 3.0.3 EVP_MAC_init without a key does not start a new message (Ubuntu 22.04 has 3.0.2): the key is set again.
    private const uint FirstVersionWithReset = 0x30000030;

    private readonly EvpMacContextHandle _context;
    private readonly byte[]? _key;

    /// <summary>Takes a key.</summary>
    /// <param name="key">At least 1 byte; SRTP's have 20.</param>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">OpenSSL does not offer the algorithm.</exception>
    public HmacSha1(ReadOnlySpan<byte> key)
        : this(key, keepKey: LibCrypto.OpenSSL_version_num().Value < FirstVersionWithReset)
    {
    }

    internal HmacSha1(ReadOnlySpan<byte> key, bool keepKey)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length);
        LibCrypto.ERR_clear_error();
        using EvpMacHandle mac = LibCrypto.EVP_MAC_fetch(0, "HMAC", 0);
        if (mac.IsInvalid)
        {
            LibCrypto.Throw("EVP_MAC_fetch");
        }

        _context = LibCrypto.EVP_MAC_CTX_new(mac);
        if (_context.IsInvalid)
        {
            LibCrypto.Throw("EVP_MAC_CTX_new");
        }

        using (var use = new HandleUse(_context))
        {
            fixed (byte* name = "digest\0"u8, digest = "SHA1\0"u8, pointer = key)
            {
                LibCrypto.OsslParam* parameters = stackalloc LibCrypto.OsslParam[2];
                parameters[0] = new() { Key = name, DataType = LibCrypto.OsslParam.Utf8String, Data = digest, DataSize = 4 };
                parameters[1] = default;
                if (LibCrypto.EVP_MAC_init(use.Pointer, pointer, (nuint)key.Length, parameters) != 1)
                {
                    LibCrypto.Throw("EVP_MAC_init");
                }
            }
        }

        _key = keepKey ? key.ToArray() : null;
    }

    /// <summary>Computes the code over a message and a suffix, as if they were one.</summary>
    /// <param name="message">Any length.</param>
    /// <param name="suffix">Any length.</param>
    /// <param name="code">20 bytes.</param>
    /// <exception cref="OpenSslException">OpenSSL failed.</exception>
    public void Compute(ReadOnlySpan<byte> message, ReadOnlySpan<byte> suffix, Span<byte> code)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(code.Length, Size);
        using var use = new HandleUse(_context);
        nint context = use.Pointer;
        nuint written;
        fixed (byte* key = _key, first = message, second = suffix, output = code)
        {
            if (LibCrypto.EVP_MAC_init(context, key, (nuint)(_key?.Length ?? 0), null) != 1
                || (!message.IsEmpty && LibCrypto.EVP_MAC_update(context, first, (nuint)message.Length) != 1)
                || (!suffix.IsEmpty && LibCrypto.EVP_MAC_update(context, second, (nuint)suffix.Length) != 1)
                || LibCrypto.EVP_MAC_final(context, output, &written, Size) != 1)
            {
                LibCrypto.Throw("HMAC-SHA1");
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _context.Dispose();
        _key.AsSpan().Clear();
    }
}
