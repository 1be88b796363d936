namespace Bridge.Audio.Codecs;

/// <summary>Opus packets to mono int16 (RFC 6716) by one engine. One stream, one owner.</summary>
/// <remarks>
/// Every method that returns <c>int</c> returns samples, or a negative <see cref="AudioError"/>. None throws on wire bytes.
/// </remarks>
internal interface IOpusDecoder : IDisposable
{
    /// <summary>Output rate in Hz.</summary>
    int SampleRate { get; }

    /// <summary>Decodes one packet; stereo is mixed down.</summary>
    /// <param name="packet">An Opus packet.</param>
    /// <param name="pcm">Room for its duration, 120 ms at most.</param>
    int Decode(ReadOnlySpan<byte> packet, Span<short> pcm);

    /// <summary>
    /// Takes the packet decoded last back, as if it had not come. Once a packet, and before anything else is decoded or concealed.
    /// </summary>
    /// <returns>False when the engine keeps no copy of its state: nothing has changed.</returns>
    bool TakeBack();

    /// <summary>Fills a hole: from the redundancy in the next packet, else by concealment (RFC 6716 §4.4).</summary>
    /// <param name="nextPacketOrEmpty">The packet right after the hole, or empty.</param>
    /// <param name="pcm">Exactly the duration that is missing, a multiple of 2.5 ms.</param>
    int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm);

    /// <summary>Forgets the stream so far.</summary>
    void Reset();
}
