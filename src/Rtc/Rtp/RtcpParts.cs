namespace Bridge.Rtc.Rtp;

/// <summary>The parts of a compound RTCP packet.</summary>
[Flags]
internal enum RtcpParts : byte
{
    None = 0,
    Report = 1,
    Nack = 2,
    TransportFeedback = 4,
    Bye = 8,
}
