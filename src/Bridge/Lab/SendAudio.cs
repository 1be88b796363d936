namespace Bridge.Lab;

/// <summary>Sends one packet of processed audio.</summary>
/// <param name="packet">Encoded audio.</param>
/// <param name="rtpTimestamp">RTP clock of the codec.</param>
/// <param name="marker">First packet after silence.</param>
internal delegate void SendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker);
