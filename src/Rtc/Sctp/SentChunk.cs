namespace Bridge.Rtc.Sctp;

/// <summary>A chunk between its first transmission and its cumulative acknowledgement.</summary>
internal struct SentChunk
{
    public OutboundMessage Message;
    public Instant SentAt;
    public int Offset;
    public int Length;
    public ushort Transmissions;

    /// <summary>Miss indications: SACKs that reported later chunks and not this one (RFC 9260 §7.2.4).</summary>
    public byte Missing;
    public byte Flags;
    public SentState State;
}
