namespace Bridge.Downlink;

/// <summary>The bit rate and packets of the agent's speech.</summary>
/// <param name="Bitrate">Of the codec, bit/s.</param>
/// <param name="PacketTime">Audio in one packet.</param>
/// <param name="Reason">Why it is so.</param>
/// <param name="Queue">The time that packets wait in a queue of the path; null when it is not known.</param>
internal readonly record struct DownlinkState(int Bitrate, TimeSpan PacketTime, StepReason Reason, TimeSpan? Queue);
