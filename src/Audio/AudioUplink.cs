namespace Bridge.Audio;

/// <summary>
/// From the caller's RTP packets to the model's 24 kHz mono int16: puts packets in order, decodes, fills what is missing.
/// The model is not an ear, so audio that is in order goes up at once, with no playout delay.
/// </summary>
/// <remarks>Time is the caller's, from any origin. One owner; no lock inside.</remarks>
public sealed class AudioUplink
{
    /// <summary>Samples that the longest packet (120 ms) decodes to; a buffer this long is never too short for <see cref="Pull"/>.</summary>
    public const int LongestPull = 2880;

    /// <summary>Makes the uplink of one call.</summary>
    /// <param name="codec">Codec of packets pushed without a payload type. Not disposed by the uplink.</param>
    /// <param name="options">Waiting times; defaults when left out.</param>
    public AudioUplink(IAudioCodec codec, AudioUplinkOptions? options = null) => throw new NotImplementedException();

    /// <summary>When <see cref="Pull"/> has to be called next even if no packet arrives; null when there is nothing to wait for.</summary>
    public TimeSpan? NextDeadline => throw new NotImplementedException();

    /// <summary>Counters since the start.</summary>
    public AudioUplinkStats Stats => throw new NotImplementedException();

    /// <summary>Names the codec of a payload type, so that the sender may change from one to another in mid-call.</summary>
    /// <param name="payloadType">RTP payload type, 0 to 127.</param>
    /// <param name="codec">Its codec. Not disposed by the uplink.</param>
    public void Register(byte payloadType, IAudioCodec codec) => throw new NotImplementedException();

    /// <summary>Takes in a packet of the codec that the uplink was made with.</summary>
    /// <param name="now">Arrival.</param>
    /// <param name="sequence">RTP sequence number.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="payload">RTP payload; copied.</param>
    public void Push(TimeSpan now, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Takes in a packet of any payload type. One that is not registered keeps its place in the sequence and makes no sound.</summary>
    /// <param name="now">Arrival.</param>
    /// <param name="payloadType">RTP payload type.</param>
    /// <param name="sequence">RTP sequence number.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="payload">RTP payload; copied.</param>
    public void Push(TimeSpan now, byte payloadType, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Gives out what is due. Call it after each push and at <see cref="NextDeadline"/>, until it answers 0.</summary>
    /// <param name="now">The time.</param>
    /// <param name="pcm24k">Where the samples go; any length.</param>
    /// <returns>Samples written; 0 when nothing is due.</returns>
    public int Pull(TimeSpan now, Span<short> pcm24k) => throw new NotImplementedException();
}
