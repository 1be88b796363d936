using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>The sender's parameters in INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3).</summary>
/// <remarks>
/// <code>
/// |                         Initiate Tag                          |
/// |           Advertised Receiver Window Credit (a_rwnd)          |
/// |  Number of Outbound Streams   |  Number of Inbound Streams    |
/// |                          Initial TSN                          |
/// |              Optional/Variable-Length Parameters              |
/// </code>
/// </remarks>
internal readonly record struct InitChunk(
    uint Tag, uint Window, ushort OutboundStreams, ushort InboundStreams, Tsn InitialTsn, bool ForwardTsn, bool ReConfig, bool ZeroChecksum)
{
    private const int FixedSize = 16;

    /// <summary>The error detection method "SCTP over DTLS" (RFC 9653 §4).</summary>
    private const uint DtlsDetectsErrors = 1;

    /// <summary>Bytes of the chunk's value without a cookie.</summary>
    public int Size => FixedSize + 4 + 8 + (ZeroChecksum ? 8 : 0);

    /// <summary>Reads the value of an INIT or INIT ACK; <paramref name="cookie"/> is empty when there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out InitChunk init, out ReadOnlySpan<byte> cookie)
    {
        init = default;
        cookie = default;
        if (value.Length < FixedSize)
        {
            return false;
        }

        bool forwardTsn = false;
        bool reConfig = false;
        bool zeroChecksum = false;
        ParameterReader parameters = new(value[FixedSize..]);
        while (parameters.TryRead(out ParameterType type, out ReadOnlySpan<byte> parameter))
        {
            switch (type)
            {
                case ParameterType.StateCookie:
                    cookie = parameter;
                    break;
                case ParameterType.ForwardTsnSupported:
                    forwardTsn = true;
                    break;
                case ParameterType.SupportedExtensions:
                    reConfig |= parameter.Contains((byte)ChunkType.ReConfig);
                    forwardTsn |= parameter.Contains((byte)ChunkType.ForwardTsn);
                    break;
                case ParameterType.ZeroChecksumAcceptable:
                    zeroChecksum = parameter.Length == 4 && BinaryPrimitives.ReadUInt32BigEndian(parameter) == DtlsDetectsErrors;
                    break;
                default:
                    // Addresses (5, 6), Supported Address Types (12) and the like mean nothing over DTLS; they are known and skipped.
                    if (ParameterReader.StopsAt(type) && !IsKnownAndIgnored(type))
                    {
                        goto parsed;
                    }

                    break;
            }
        }

    parsed:
        if (parameters.Malformed)
        {
            return false;
        }

        init = new InitChunk(
            BinaryPrimitives.ReadUInt32BigEndian(value),
            BinaryPrimitives.ReadUInt32BigEndian(value[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(value[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(value[10..]),
            new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value[12..])),
            forwardTsn,
            reConfig,
            zeroChecksum);

        // §3.3.2: each of these being zero makes the chunk invalid; below 1500 the window holds not even one packet.
        return init.Tag != 0 && init.OutboundStreams != 0 && init.InboundStreams != 0 && init.Window >= 1500;
    }

    /// <summary>Writes the value into a span of <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, Tag);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], Window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], InboundStreams);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], InitialTsn.Value);
        Span<byte> parameters = value[FixedSize..];
        WriteParameterHeader(parameters, ParameterType.ForwardTsnSupported, 0);
        WriteParameterHeader(parameters[4..], ParameterType.SupportedExtensions, 2);
        parameters[8] = (byte)ChunkType.ReConfig;
        parameters[9] = (byte)ChunkType.ForwardTsn;
        parameters[10..12].Clear();
        if (ZeroChecksum)
        {
            WriteParameterHeader(parameters[12..], ParameterType.ZeroChecksumAcceptable, 4);
            BinaryPrimitives.WriteUInt32BigEndian(parameters[16..], DtlsDetectsErrors);
        }
    }

    public static void WriteParameterHeader(Span<byte> destination, ParameterType type, int valueLength)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(4 + valueLength));
    }

    private static bool IsKnownAndIgnored(ParameterType type) => (ushort)type is 5 or 6 or 9 or 11 or 12;
}
