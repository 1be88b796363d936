using System.Buffers.Binary;

namespace Bridge.Rtc.Stun;

/// <summary>The 96 bits that tie a response to its request; RFC 8489 §5.</summary>
internal readonly record struct TransactionId(ulong High, uint Low)
{
    public const int Size = 12;

    public static TransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    public static TransactionId Draw(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[Size];
        entropy.FillSecret(bytes);
        return Read(bytes);
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Low);
    }
}
