namespace Bridge.Rtc;

/// <summary>One received audio packet, decrypted; valid during the call it is handed to.</summary>
public readonly ref struct RtpPacket
{
    /// <summary>
    /// The codec's payload; RED is already taken apart. Empty where a number has no sound: padding alone (RFC 3550 §5.1), telephone
    /// events (RFC 4733).
    /// </summary>
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The payload type of the codec, 0..127.</summary>
    public required byte PayloadType { get; init; }

    /// <summary>The sequence number on the wire; wraps at 65,536.</summary>
    public required ushort Sequence { get; init; }

    /// <summary>RTP clock of the negotiated format.</summary>
    public required uint Timestamp { get; init; }

    /// <summary>The synchronization source.</summary>
    public required uint Ssrc { get; init; }

    /// <summary>First packet after silence (RFC 3551 §4.1).</summary>
    public required bool Marker { get; init; }

    /// <summary>The sender's audio level in -dBov, 0 loudest, 127 silence; null when the extension was absent (RFC 6464).</summary>
    public required byte? Level { get; init; }

    /// <summary>The sender's opinion that this is speech; false when the extension was absent.</summary>
    public required bool VoiceActivity { get; init; }

    /// <summary>Recovered from redundancy (RFC 2198) or retransmission instead of its own packet.</summary>
    public required bool Recovered { get; init; }

    /// <summary>When the datagram that brought it arrived.</summary>
    public required Instant Arrival { get; init; }
}
