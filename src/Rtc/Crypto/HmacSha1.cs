using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bridge.Rtc.Crypto;

/// <summary>HMAC-SHA1 (RFC 2104) with the two key blocks hashed once: STUN integrity and SRTP authentication. Allocates nothing per message.</summary>
internal sealed class HmacSha1
{
    public const int Size = Sha1.DigestSize;

    private readonly Sha1State _inner;
    private readonly Sha1State _outer;

    public HmacSha1(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[Sha1.BlockSize];
        block.Clear();
        if (key.Length > Sha1.BlockSize)
        {
            SHA1.HashData(key, block);
        }
        else
        {
            key.CopyTo(block);
        }

        foreach (ref byte b in block)
        {
            b ^= 0x36;
        }

        _inner = Sha1State.Initial;
        Sha1.Compress(ref _inner, block);
        foreach (ref byte b in block)
        {
            b ^= 0x36 ^ 0x5C;
        }

        _outer = Sha1State.Initial;
        Sha1.Compress(ref _outer, block);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>The code over <paramref name="message"/> followed by <paramref name="suffix"/>.</summary>
    /// <param name="message">Any length.</param>
    /// <param name="suffix">At most 32 bytes.</param>
    /// <param name="code">Takes 20 bytes.</param>
    public void Compute(ReadOnlySpan<byte> message, ReadOnlySpan<byte> suffix, Span<byte> code)
    {
        Sha1State state = _inner;
        ulong bits = (ulong)(Sha1.BlockSize + message.Length + suffix.Length) * 8;
        while (message.Length >= Sha1.BlockSize)
        {
            Sha1.Compress(ref state, message);
            message = message[Sha1.BlockSize..];
        }

        Span<byte> tail = stackalloc byte[2 * Sha1.BlockSize];
        tail.Clear();
        message.CopyTo(tail);
        suffix.CopyTo(tail[message.Length..]);
        int used = message.Length + suffix.Length;
        tail[used] = 0x80;
        int padded = used + 9 <= Sha1.BlockSize ? Sha1.BlockSize : 2 * Sha1.BlockSize;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(padded - 8)..], bits);
        Sha1.Compress(ref state, tail);
        if (padded > Sha1.BlockSize)
        {
            Sha1.Compress(ref state, tail[Sha1.BlockSize..]);
        }

        Span<byte> last = tail[..Sha1.BlockSize];
        last.Clear();
        state.Write(last);
        last[Size] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(last[(Sha1.BlockSize - 8)..], (Sha1.BlockSize + Size) * 8);
        state = _outer;
        Sha1.Compress(ref state, last);
        state.Write(code);
    }
}
