using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bridge.Rtc.Sctp;

/// <summary>
/// The state cookie (RFC 9260 §5.1.3): all that is needed to set up an association, given to the peer and taken back,
/// so that an INIT costs us no memory. A keyed hash makes it ours.
/// </summary>
/// <remarks>
/// <code>
/// | created, ticks (8) | our tag (4) | our TSN (4) | peer's tag (4) | peer's TSN (4) | peer's window (4) |
/// | out (2) | in (2) | capabilities (4) | our tie-tag (4) | peer's tie-tag (4) | HMAC-SHA-256 (32) |
/// </code>
/// </remarks>
internal readonly record struct StateCookie(Instant Created, uint LocalTag, Tsn LocalTsn, InitChunk Peer, uint LocalTieTag, uint PeerTieTag)
{
    public const int Size = BodySize + HMACSHA256.HashSizeInBytes;

    private const int BodySize = 44;

    public void Write(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Created.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], LocalTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], Peer.Tag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], Peer.InitialTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], Peer.Window);
        BinaryPrimitives.WriteUInt16BigEndian(destination[28..], Peer.OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(destination[30..], Peer.InboundStreams);
        uint capabilities = (Peer.ForwardTsn ? 1u : 0) | (Peer.ReConfig ? 2u : 0) | (Peer.ZeroChecksum ? 4u : 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], capabilities);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], PeerTieTag);
        HMACSHA256.HashData(key, destination[..BodySize], destination[BodySize..]);
    }

    /// <summary>Reads a cookie that <paramref name="key"/> made; false for every other byte string.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ReadOnlySpan<byte> key, out StateCookie cookie)
    {
        cookie = default;
        if (source.Length != Size)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, source[..BodySize], hash);
        if (!CryptographicOperations.FixedTimeEquals(hash, source[BodySize..]))
        {
            return false;
        }

        uint capabilities = BinaryPrimitives.ReadUInt32BigEndian(source[32..]);
        InitChunk peer = new(
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[28..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[30..]),
            new Tsn(BinaryPrimitives.ReadUInt32BigEndian(source[20..])),
            (capabilities & 1) != 0,
            (capabilities & 2) != 0,
            (capabilities & 4) != 0);
        cookie = new StateCookie(
            new Instant(BinaryPrimitives.ReadInt64BigEndian(source)),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            new Tsn(BinaryPrimitives.ReadUInt32BigEndian(source[12..])),
            peer,
            BinaryPrimitives.ReadUInt32BigEndian(source[36..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[40..]));
        return true;
    }
}
