namespace Bridge.Audio.Codecs;

/// <summary>Mono int16 to Opus packets (RFC 6716) by one engine and for one application. One stream, one owner.</summary>
internal interface IOpusEncoder : IDisposable
{
    /// <summary>Input samples by which the decoded signal lags behind the input (OPUS_GET_LOOKAHEAD).</summary>
    int Lookahead { get; }

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">2.5, 5, 10, 20, 40 or 60 ms of samples.</param>
    /// <param name="packet">Room for the packet; 1275 bytes hold any.</param>
    /// <returns>Bytes written, or a negative <see cref="AudioError"/>.</returns>
    int Encode(ReadOnlySpan<short> pcm, Span<byte> packet);

    /// <summary>Sets the loss that redundancy is weighed against.</summary>
    /// <param name="percent">0 to 100.</param>
    void SetLoss(int percent);

    /// <summary>Sets the bit rate; the next frame heeds it, whatever mode that takes.</summary>
    /// <param name="bitrate">Bit/s.</param>
    /// <param name="constant">
    /// Each packet has the same length, where the engine can; else the rate is a mean, which loud speech exceeds by a quarter.
    /// </param>
    void SetBitrate(int bitrate, bool constant);

    /// <summary>Forgets the stream so far; the settings stay.</summary>
    void Reset();
}
