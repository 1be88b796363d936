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
    double BufferedMs);
