namespace Bridge.Rtc;

/// <summary>The additions that a peer may make to the audio that its host gives it to send. The default limits nothing.</summary>
/// <param name="WithoutRedundancy">Audio is sent without RED, whatever the losses.</param>
/// <param name="Padding">Bytes of RTP padding in each audio packet, 0 to 255 (RFC 3550 §5.1): a probe of the path.</param>
/// <param name="Rate">
/// Bytes a second of audio and data together, IP and UDP counted; null: as congestion control sees fit. Audio never waits for it, data
/// gets what audio leaves, and 3 % of it or 100 bytes a second at least.
/// </param>
/// <param name="DataPacket">The longest IP packet of new data in bytes while <paramref name="Rate"/> holds.</param>
public readonly record struct OutgoingShape(bool WithoutRedundancy, byte Padding, int? Rate, int DataPacket);
