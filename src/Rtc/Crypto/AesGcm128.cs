using System.Security.Cryptography;

namespace Bridge.Rtc.Crypto;

/// <summary>AES-128-GCM with a 16-byte tag and 12-byte nonces (NIST SP 800-38D), in place, without allocation. Instructions for AES and carry-less multiplication where the processor has them, else the platform's library.</summary>
internal sealed class AesGcm128 : IDisposable
{
    public const int TagSize = 16;
    public const int NonceSize = 12;

    private readonly Aes128? _aes;
    private readonly GaloisHash? _hash;
    private readonly AesGcm? _platform;

    public AesGcm128(ReadOnlySpan<byte> key, bool hardware = true)
    {
        if (hardware && HasHardware)
        {
            _aes = new Aes128(key);
            Span<byte> h = stackalloc byte[16];
            h.Clear();
            _aes.EncryptBlock(h, h);
            _hash = new GaloisHash(h);
            CryptographicOperations.ZeroMemory(h);
        }
        else
        {
            _platform = new AesGcm(key, TagSize);
        }
    }

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool HasHardware => Aes128.HasHardware && GaloisHash.HasHardware;

    /// <summary>Encrypts in place and writes the tag.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
    {
        if (_platform is not null)
        {
            _platform.Encrypt(nonce, data, data, tag[..TagSize], associated);
            return;
        }

        Span<byte> counter = stackalloc byte[16];
        nonce.CopyTo(counter);
        counter[12..].Clear();
        Span<byte> stream = stackalloc byte[Aes128.Batch * Aes128.BlockSize];
        Span<byte> mask = stackalloc byte[16];
        ApplyStream(counter, data, stream, mask);
        _hash!.Compute(associated, data, tag);
        Aes128.Xor(tag[..TagSize], mask);
    }

    /// <summary>Checks the tag and decrypts in place; on false the data is untouched by this processor's path and undefined by the library's.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        if (_platform is not null)
        {
            try
            {
                _platform.Decrypt(nonce, data, tag[..TagSize], data, associated);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        Span<byte> counter = stackalloc byte[16];
        nonce.CopyTo(counter);
        counter[12..].Clear();
        Span<byte> expected = stackalloc byte[TagSize];
        _hash!.Compute(associated, data, expected);
        Span<byte> stream = stackalloc byte[Aes128.Batch * Aes128.BlockSize];

        // Count 1 masks the tag, counts from 2 on are the key stream.
        int firstBlocks = Math.Min(Aes128.Batch, 1 + ((data.Length + 15) / 16));
        _aes!.KeyStream(counter, 1, firstBlocks, stream);
        Aes128.Xor(expected, stream);
        if (!CryptographicOperations.FixedTimeEquals(expected, tag[..TagSize]))
        {
            return false;
        }

        int head = Math.Min(data.Length, stream.Length - 16);
        Aes128.Xor(data[..head], stream[16..]);
        if (head < data.Length)
        {
            _aes.ApplyCounter(counter, 1 + Aes128.Batch, data[head..]);
        }

        return true;
    }

    public void Dispose()
    {
        _aes?.Dispose();
        _platform?.Dispose();
    }

    private void ApplyStream(ReadOnlySpan<byte> counter, Span<byte> data, Span<byte> stream, Span<byte> mask)
    {
        int firstBlocks = Math.Min(Aes128.Batch, 1 + ((data.Length + 15) / 16));
        _aes!.KeyStream(counter, 1, firstBlocks, stream);
        stream[..16].CopyTo(mask);
        int head = Math.Min(data.Length, stream.Length - 16);
        Aes128.Xor(data[..head], stream[16..]);
        if (head < data.Length)
        {
            _aes.ApplyCounter(counter, 1 + Aes128.Batch, data[head..]);
        }
    }
}
