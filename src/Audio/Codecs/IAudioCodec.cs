namespace Bridge.Audio.Codecs;

/// <summary>
/// One call's codec, both directions: mono int16 on one side, RTP payloads on the other. The seam where another
/// implementation of Opus stands in for libopus. Decoder and encoder side are independent of each other and may be
/// used by two threads, one each; neither side is thread-safe in itself.
/// </summary>
/// <remarks>
/// Every method that returns <c>int</c> returns a count, or a negative <see cref="AudioError"/>. None throws on wire bytes.
/// </remarks>
public interface IAudioCodec : IDisposable
{
    /// <summary>Encoding name as in SDP's rtpmap: <c>opus</c>, <c>PCMU</c>, <c>PCMA</c>.</summary>
    string Name { get; }

    /// <summary>Rate of the PCM side in Hz.</summary>
    int SampleRate { get; }

    /// <summary>
    /// Rate of the RTP clock in Hz: 48000 for Opus whatever it carries (RFC 7587 §4.1), 8000 for G.711 (RFC 3551 §4.5.14).
    /// </summary>
    int ClockRate { get; }

    /// <summary>
    /// Delay of the decoded signal behind the input of <see cref="Encode"/>, in samples of <see cref="SampleRate"/>, as of the last frame.
    /// </summary>
    int EncoderDelay { get; }

    /// <summary>Reads how long a packet lasts, without decoding it.</summary>
    /// <param name="packet">RTP payload.</param>
    /// <returns>Samples of <see cref="SampleRate"/>, or an error.</returns>
    int Duration(ReadOnlySpan<byte> packet);

    /// <summary>Decodes one packet.</summary>
    /// <param name="packet">RTP payload.</param>
    /// <param name="pcm">Room for the packet's duration; 120 ms is the longest.</param>
    /// <returns>Samples written, or an error.</returns>
    int Decode(ReadOnlySpan<byte> packet, Span<short> pcm);

    /// <summary>
    /// Takes the packet that was decoded last back, as if it had not come, so that what it was not meant to hold spoils nothing
    /// after it. Called right after <see cref="Decode"/>, at most once a packet.
    /// </summary>
    /// <returns><see langword="false"/> when the codec keeps no copy of its state; then nothing has changed.</returns>
    bool TakeBack();

    /// <summary>Fills a hole in the stream: from the redundancy in the packet after it where there is some, else by concealment.</summary>
    /// <param name="nextPacketOrEmpty">
    /// The packet right after the hole, or empty when it is not there. It is not consumed: decode it afterwards.
    /// </param>
    /// <param name="pcm">Exactly the duration that is missing, a multiple of 2.5 ms.</param>
    /// <returns>Samples written, or an error.</returns>
    int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm);

    /// <summary>Tells whether a packet carries redundancy for the packet before it.</summary>
    /// <param name="packet">RTP payload.</param>
    /// <returns><see langword="true"/> when <see cref="Conceal"/> would rebuild speech from it.</returns>
    bool HasRedundancy(ReadOnlySpan<byte> packet);

    /// <summary>Tells whether a packet announces silence, so that the sender may now send nothing for a while (DTX).</summary>
    /// <param name="packet">RTP payload.</param>
    /// <returns><see langword="true"/> when a gap after this packet is silence, not loss.</returns>
    bool IsSilence(ReadOnlySpan<byte> packet);

    /// <summary>Encodes one frame of 20 ms.</summary>
    /// <param name="pcm">20 ms of samples.</param>
    /// <param name="packet">Room for the payload; 1275 bytes hold any.</param>
    /// <returns>Bytes written, 0 when the frame need not be sent (DTX), or an error.</returns>
    int Encode(ReadOnlySpan<short> pcm, Span<byte> packet);

    /// <summary>
    /// Tells the encoder how much loss the listener reports, so that it can weigh redundancy against quality. Safe from any thread.
    /// </summary>
    /// <param name="percent">0 to 100, from RTCP receiver reports.</param>
    void ExpectLoss(int percent);

    /// <summary>Forgets what was encoded so far, so that the next packet leans on none before it.</summary>
    void ResetEncoder();

    /// <summary>Forgets what was decoded so far.</summary>
    void ResetDecoder();
}
