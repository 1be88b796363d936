using System.Buffers.Binary;

namespace Bridge.Rtc.Crypto;

/// <summary>The five chaining words of SHA-1.</summary>
internal struct Sha1State
{
    public uint A;
    public uint B;
    public uint C;
    public uint D;
    public uint E;

    /// <summary>The state before the first block; RFC 3174 §6.1.</summary>
    public static Sha1State Initial => new() { A = 0x67452301, B = 0xEFCDAB89, C = 0x98BADCFE, D = 0x10325476, E = 0xC3D2E1F0 };

    public readonly void Write(Span<byte> digest)
    {
        BinaryPrimitives.WriteUInt32BigEndian(digest, A);
        BinaryPrimitives.WriteUInt32BigEndian(digest[4..], B);
        BinaryPrimitives.WriteUInt32BigEndian(digest[8..], C);
        BinaryPrimitives.WriteUInt32BigEndian(digest[12..], D);
        BinaryPrimitives.WriteUInt32BigEndian(digest[16..], E);
    }
}
