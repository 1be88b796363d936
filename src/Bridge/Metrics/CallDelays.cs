using Bridge.Downlink;

namespace Bridge.Metrics;

/// <summary>Delays of one call hop by hop, ms: the latest, the median and the 99th percentile; null where nothing was measured.</summary>
/// <param name="UplinkMs">From the arrival of a packet of the caller to its audio's append to the model session.</param>
/// <param name="UplinkP50Ms">Its median.</param>
/// <param name="UplinkP99Ms">Its 99th percentile.</param>
/// <param name="ModelFirstAudioMs">From the end of the caller's turn to the model's first audio.</param>
/// <param name="ModelFirstAudioP50Ms">Its median.</param>
/// <param name="DownlinkMs">From the model's first audio of an answer to its first packet.</param>
/// <param name="DownlinkP50Ms">Its median.</param>
/// <param name="DownlinkP99Ms">Its 99th percentile.</param>
/// <param name="BufferedMs">Audio of the agent that waits to leave.</param>
internal sealed record CallDelays(
    double? UplinkMs,
    double? UplinkP50Ms,
    double? UplinkP99Ms,
    double? ModelFirstAudioMs,
    double? ModelFirstAudioP50Ms,
    double? DownlinkMs,
    double? DownlinkP50Ms,
    double? DownlinkP99Ms,
    double BufferedMs)
{
    /// <summary>Bit rate of the agent's voice, bit/s of the codec.</summary>
    public int DownlinkBitrate { get; init; }

    /// <summary>Audio in one packet of it, ms.</summary>
    public double DownlinkPacketMs { get; init; }

    /// <summary>Why it is so: a <see cref="StepReason"/> in lower case.</summary>
    public string DownlinkReason { get; init; } = "full";

    /// <summary>The time that its packets wait in a queue of the path, ms; null when it is not known.</summary>
    public double? DownlinkQueueMs { get; init; }
}
