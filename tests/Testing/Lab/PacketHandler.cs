using Bridge.Rtc;

namespace Bridge.Testing.Lab;

/// <summary>Takes one audio packet, which is valid during the call alone.</summary>
public delegate void PacketHandler(in RtpPacket packet);
