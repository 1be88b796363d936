using System.Buffers.Binary;
using System.Numerics;

namespace Bridge.Rtc.Crypto;

/// <summary>The compression function of SHA-1 (RFC 3174 §6), so that HMAC can keep the state after its key block instead of hashing it for every packet.</summary>
internal static class Sha1
{
    public const int BlockSize = 64;
    public const int DigestSize = 20;

    /// <summary>Mixes one 64-byte block into a state.</summary>
    public static void Compress(ref Sha1State state, ReadOnlySpan<byte> block)
    {
        // The schedule lives in a ring of 16 words: w[t] = rotl1(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16]).
        Span<uint> w = stackalloc uint[16];
        block = block[..BlockSize];
        for (int i = 0; i < 16; i++)
        {
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        }

        uint a = state.A, b = state.B, c = state.C, d = state.D, e = state.E;
        for (int t = 0; t < 15; t += 5)
        {
            Choose(a, ref b, c, d, ref e, w[t]);
            Choose(e, ref a, b, c, ref d, w[t + 1]);
            Choose(d, ref e, a, b, ref c, w[t + 2]);
            Choose(c, ref d, e, a, ref b, w[t + 3]);
            Choose(b, ref c, d, e, ref a, w[t + 4]);
        }

        Choose(a, ref b, c, d, ref e, w[15]);
        Choose(e, ref a, b, c, ref d, Next(w, 16));
        Choose(d, ref e, a, b, ref c, Next(w, 17));
        Choose(c, ref d, e, a, ref b, Next(w, 18));
        Choose(b, ref c, d, e, ref a, Next(w, 19));
        for (int t = 20; t < 40; t += 5)
        {
            Parity(a, ref b, c, d, ref e, Next(w, t) + 0x6ED9EBA1);
            Parity(e, ref a, b, c, ref d, Next(w, t + 1) + 0x6ED9EBA1);
            Parity(d, ref e, a, b, ref c, Next(w, t + 2) + 0x6ED9EBA1);
            Parity(c, ref d, e, a, ref b, Next(w, t + 3) + 0x6ED9EBA1);
            Parity(b, ref c, d, e, ref a, Next(w, t + 4) + 0x6ED9EBA1);
        }

        for (int t = 40; t < 60; t += 5)
        {
            Majority(a, ref b, c, d, ref e, Next(w, t));
            Majority(e, ref a, b, c, ref d, Next(w, t + 1));
            Majority(d, ref e, a, b, ref c, Next(w, t + 2));
            Majority(c, ref d, e, a, ref b, Next(w, t + 3));
            Majority(b, ref c, d, e, ref a, Next(w, t + 4));
        }

        for (int t = 60; t < 80; t += 5)
        {
            Parity(a, ref b, c, d, ref e, Next(w, t) + 0xCA62C1D6);
            Parity(e, ref a, b, c, ref d, Next(w, t + 1) + 0xCA62C1D6);
            Parity(d, ref e, a, b, ref c, Next(w, t + 2) + 0xCA62C1D6);
            Parity(c, ref d, e, a, ref b, Next(w, t + 3) + 0xCA62C1D6);
            Parity(b, ref c, d, e, ref a, Next(w, t + 4) + 0xCA62C1D6);
        }

        state.A += a;
        state.B += b;
        state.C += c;
        state.D += d;
        state.E += e;
    }

    private static uint Next(Span<uint> w, int t)
    {
        uint value = BitOperations.RotateLeft(w[(t - 3) & 15] ^ w[(t - 8) & 15] ^ w[(t - 14) & 15] ^ w[t & 15], 1);
        w[t & 15] = value;
        return value;
    }

    private static void Choose(uint a, ref uint b, uint c, uint d, ref uint e, uint word)
    {
        e += BitOperations.RotateLeft(a, 5) + (d ^ (b & (c ^ d))) + word + 0x5A827999;
        b = BitOperations.RotateLeft(b, 30);
    }

    private static void Parity(uint a, ref uint b, uint c, uint d, ref uint e, uint wordAndConstant)
    {
        e += BitOperations.RotateLeft(a, 5) + (b ^ c ^ d) + wordAndConstant;
        b = BitOperations.RotateLeft(b, 30);
    }

    private static void Majority(uint a, ref uint b, uint c, uint d, ref uint e, uint word)
    {
        e += BitOperations.RotateLeft(a, 5) + ((b & c) + (d & (b ^ c))) + word + 0x8F1BBCDC;
        b = BitOperations.RotateLeft(b, 30);
    }
}
