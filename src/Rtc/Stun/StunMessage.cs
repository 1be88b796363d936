using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bridge.Rtc.Stun;

/// <summary>A binding message on the wire; RFC 8489 §5. Holds spans of the datagram.</summary>
/// <remarks>
/// <code>
///  0 0|type(14)       |length(16)      |
///  magic cookie 0x2112A442             |
///  transaction id (96)                 |
///  attributes: type(16) length(16) value, padded to 4
/// </code>
/// </remarks>
internal readonly ref struct StunMessage
{
    public const int HeaderSize = 20;
    public const uint MagicCookie = 0x2112A442;
    public const uint FingerprintMask = 0x5354554E;

    // Checks are small; a longer one is not from a browser and would not fit the stack buffer of Verify.
    private const int MaxSize = 1280;

    private readonly ReadOnlySpan<byte> _datagram;

    private StunMessage(ReadOnlySpan<byte> datagram, Fields fields, ReadOnlySpan<byte> username)
    {
        _datagram = datagram;
        Username = username;
        Class = fields.Class;
        Transaction = TransactionId.Read(datagram[8..]);
        IntegrityOffset = fields.IntegrityOffset;
        UseCandidate = fields.UseCandidate;
        Priority = fields.Priority;
        ControllingTieBreaker = fields.ControllingTieBreaker;
        ControlledTieBreaker = fields.ControlledTieBreaker;
        XorMappedAddress = fields.XorMappedAddress;
        ErrorCode = fields.ErrorCode;
        Unknown = fields.Unknown;
    }

    /// <summary>Bytes of the whole message.</summary>
    public int Size => _datagram.Length;

    public StunClass Class { get; }

    public TransactionId Transaction { get; }

    public ReadOnlySpan<byte> Username { get; }

    public bool UseCandidate { get; }

    public uint Priority { get; }

    /// <summary>The tie-breaker of a controlling sender; RFC 8445 §7.1.3.</summary>
    public ulong? ControllingTieBreaker { get; }

    /// <summary>The tie-breaker of a controlled sender.</summary>
    public ulong? ControlledTieBreaker { get; }

    /// <summary>The address that the responder saw the request come from; RFC 8489 §14.2.</summary>
    public TransportAddress? XorMappedAddress { get; }

    /// <summary>The code of an error response, 300..699, else 0; RFC 8489 §14.8.</summary>
    public int ErrorCode { get; }

    /// <summary>The first attribute that had to be understood and was not; 0 for none.</summary>
    public ushort Unknown { get; }

    public bool HasIntegrity => IntegrityOffset > 0;

    private int IntegrityOffset { get; }

    /// <summary>True for a datagram that can only be STUN: top bits zero and the cookie in place (RFC 7983 §7).</summary>
    public static bool LooksLike(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderSize && datagram[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>Reads a binding message. A FINGERPRINT, where there is one, must be right.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!LooksLike(datagram) || datagram.Length > MaxSize || datagram.Length % 4 != 0
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderSize)
        {
            return false;
        }

        var fields = new Fields { Class = (StunClass)BinaryPrimitives.ReadUInt16BigEndian(datagram) };
        if (fields.Class is not (StunClass.Request or StunClass.Indication or StunClass.Success or StunClass.Error))
        {
            return false;
        }

        ReadOnlySpan<byte> username = default;
        int offset = HeaderSize;
        while (offset < datagram.Length)
        {
            if (datagram.Length - offset < 4)
            {
                return false;
            }

            ushort type = BinaryPrimitives.ReadUInt16BigEndian(datagram[offset..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(offset + 2)..]);
            int padded = (length + 3) & ~3;
            if (padded > datagram.Length - offset - 4)
            {
                return false;
            }

            ReadOnlySpan<byte> value = datagram.Slice(offset + 4, length);
            if (type == StunAttribute.Fingerprint)
            {
                // It is the last attribute and covers everything before it (RFC 8489 §14.7).
                return offset + 8 == datagram.Length && length == 4
                    && BinaryPrimitives.ReadUInt32BigEndian(value) == (Crc32.Compute(datagram[..offset]) ^ FingerprintMask)
                    && Build(datagram, fields, username, out message);
            }

            // Attributes after the integrity are not covered by it and must be ignored (RFC 8489 §14.5).
            if (fields.IntegrityOffset == 0)
            {
                if (type == StunAttribute.Username)
                {
                    username = value;
                }
                else if (!fields.TryTake(type, value, offset, datagram))
                {
                    return false;
                }
            }

            offset += 4 + padded;
        }

        return Build(datagram, fields, username, out message);
    }

    /// <summary>Checks MESSAGE-INTEGRITY; false when it is absent.</summary>
    /// <param name="key">The password (RFC 8489 §9.1.1).</param>
    public bool Verify(ReadOnlySpan<byte> key)
    {
        if (!HasIntegrity)
        {
            return false;
        }

        // The code covers the header with a length that ends at the integrity attribute (RFC 8489 §14.5).
        Span<byte> covered = stackalloc byte[MaxSize];
        covered = covered[..IntegrityOffset];
        _datagram[..IntegrityOffset].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(IntegrityOffset + 4 + HMACSHA1.HashSizeInBytes - HeaderSize));
        Span<byte> code = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(key, covered, code);
        return CryptographicOperations.FixedTimeEquals(code, _datagram.Slice(IntegrityOffset + 4, HMACSHA1.HashSizeInBytes));
    }

    private static bool Build(ReadOnlySpan<byte> datagram, Fields fields, ReadOnlySpan<byte> username, out StunMessage message)
    {
        message = new StunMessage(datagram, fields, username);
        return true;
    }

    private struct Fields
    {
        public StunClass Class;
        public int IntegrityOffset;
        public bool UseCandidate;
        public uint Priority;
        public ulong? ControllingTieBreaker;
        public ulong? ControlledTieBreaker;
        public TransportAddress? XorMappedAddress;
        public int ErrorCode;
        public ushort Unknown;

        public bool TryTake(ushort type, ReadOnlySpan<byte> value, int offset, ReadOnlySpan<byte> datagram)
        {
            switch (type)
            {
                case StunAttribute.MessageIntegrity:
                    IntegrityOffset = offset;
                    return value.Length == HMACSHA1.HashSizeInBytes;
                case StunAttribute.Priority:
                    return value.Length == 4 && BinaryPrimitives.TryReadUInt32BigEndian(value, out Priority);
                case StunAttribute.UseCandidate:
                    UseCandidate = true;
                    return value.IsEmpty;
                case StunAttribute.IceControlling:
                    ControllingTieBreaker = value.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(value) : null;
                    return value.Length == 8;
                case StunAttribute.IceControlled:
                    ControlledTieBreaker = value.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(value) : null;
                    return value.Length == 8;
                case StunAttribute.XorMappedAddress:
                    return TryTakeXorMappedAddress(value, datagram);
                case StunAttribute.ErrorCode:
                    ErrorCode = value.Length >= 4 ? ((value[2] & 7) * 100) + value[3] : 0;
                    return value.Length >= 4;
                default:
                    if (type < StunAttribute.FirstOptional && Unknown == 0)
                    {
                        Unknown = type;
                    }

                    return true;
            }
        }

        // 0 | family | port ^ cookie | address ^ (cookie | transaction id); RFC 8489 §14.2.
        private bool TryTakeXorMappedAddress(ReadOnlySpan<byte> value, ReadOnlySpan<byte> datagram)
        {
            if (value.Length is not (8 or 20) || value[1] != (value.Length == 8 ? 1 : 2))
            {
                return false;
            }

            ushort port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (MagicCookie >> 16));
            XorMappedAddress = value.Length == 8
                ? TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) ^ MagicCookie, port)
                : new TransportAddress(
                    BinaryPrimitives.ReadUInt128BigEndian(value[4..]) ^ BinaryPrimitives.ReadUInt128BigEndian(datagram[4..]),
                    port,
                    TransportProtocol.Udp);
            return true;
        }
    }
}
