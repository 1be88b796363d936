namespace Bridge.Audio.Playout;

/// <summary>The packet of one tick.</summary>
/// <param name="Length">Bytes of RTP payload.</param>
/// <param name="RtpTimestamp">Timestamp in units of the codec's RTP clock.</param>
/// <param name="Marker">RTP marker bit: first packet after a silence (RFC 3551 §4.1).</param>
/// <param name="Level">How loud its audio is, dBov; see <see cref="AudioLevel"/>.</param>
internal readonly record struct PlayoutFrame(int Length, uint RtpTimestamp, bool Marker, int Level);
