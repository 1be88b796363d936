using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>Parameter types that we read (RFC 9260 §3.3.2, RFC 3758 §3.1, RFC 5061 §4.2.7, RFC 6525 §4, RFC 9653 §4).</summary>
internal enum ParameterType : ushort
{
    StateCookie = 7,
    OutgoingResetRequest = 13,
    IncomingResetRequest = 14,
    AssociationResetRequest = 15,
    ReConfigResponse = 16,
    AddOutgoingStreams = 17,
    AddIncomingStreams = 18,
    ZeroChecksumAcceptable = 0x8001,
    SupportedExtensions = 0x8008,
    ForwardTsnSupported = 0xC000,
}

/// <summary>Walks over the type-length-value parameters of a chunk (RFC 9260 §3.2.1).</summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> parameters)
{
    private ReadOnlySpan<byte> _rest = parameters;

    /// <summary>Whether the iteration ended because a length field was invalid.</summary>
    public bool Malformed { get; private set; }

    public bool TryRead(out ParameterType type, out ReadOnlySpan<byte> value)
    {
        type = default;
        value = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        int length = _rest.Length < 4 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < 4 || length > _rest.Length)
        {
            Malformed = true;
            _rest = default;
            return false;
        }

        type = (ParameterType)BinaryPrimitives.ReadUInt16BigEndian(_rest);
        value = _rest[4..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }

    /// <summary>Whether an unknown parameter of this type ends the processing of its chunk (§3.2.1: the highest bit is clear).</summary>
    public static bool StopsAt(ParameterType unknown) => ((ushort)unknown & 0x8000) == 0;
}
