namespace Bridge.Rtc.Rtp;

/// <summary>What a compound RTCP packet is to hold.</summary>
[Flags]
internal enum RtcpParts : byte
{
    None = 0,
    Report = 1,
    Nack = 2,
    TransportFeedback = 4,
    Bye = 8,
}
