namespace Bridge.Rtc;

/// <summary>The audio codec both sides agreed on.</summary>
/// <param name="PayloadType">The RTP payload type audio is sent with, 0..127.</param>
/// <param name="Name">The name of the rtpmap: "opus", "PCMU" or "PCMA".</param>
/// <param name="ClockRate">The RTP clock in Hz: 48,000 for Opus (RFC 7587 §4.1), 8,000 for G.711.</param>
/// <param name="Channels">Channels of the rtpmap: 2 for Opus whatever is sent, 1 for G.711.</param>
/// <param name="CanSend">The remote side wants to receive audio.</param>
/// <param name="CanReceive">The remote side may send audio.</param>
public readonly record struct AudioFormat(byte PayloadType, string Name, int ClockRate, int Channels, bool CanSend, bool CanReceive)
{
    /// <summary>The most audio that the remote side takes in one packet: a=maxptime (RFC 8866 §6.4), or 120 ms (RFC 7587 §6.1).</summary>
    public TimeSpan MaxPacketTime { get; init; } = TimeSpan.FromMilliseconds(120);
}
