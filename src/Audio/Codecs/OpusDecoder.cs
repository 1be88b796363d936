using Bridge.Native.Opus;

namespace Bridge.Audio;

/// <summary>Opus packets to mono int16 (RFC 6716), over libopus. One stream, one owner.</summary>
public sealed class OpusDecoder : IDisposable
{
    private readonly OpusDecoderHandle _handle;

    /// <summary>Makes a decoder.</summary>
    /// <param name="sampleRate">Output rate in Hz: 8000, 12000, 16000, 24000 or 48000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    public OpusDecoder(int sampleRate)
    {
        _handle = OpusDecoderHandle.Create(sampleRate, channels: 1);
        SampleRate = sampleRate;
    }

    /// <summary>Output rate in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>Decodes one packet; stereo is mixed down.</summary>
    /// <param name="packet">An Opus packet.</param>
    /// <param name="pcm">Room for its duration, 120 ms at most.</param>
    /// <returns>Samples written, or a negative <see cref="AudioError"/>.</returns>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
    {
        if (packet.IsEmpty)
        {
            return (int)AudioError.InvalidPacket;
        }

        _handle.Keep();
        return _handle.Decode(packet, pcm, forwardErrorCorrection: false);
    }

    /// <summary>Takes the packet decoded last back, as if it had not come. Once a packet, and before anything else is decoded or concealed.</summary>
    public void TakeBack() => _handle.Restore();

    /// <summary>Fills a hole: from the redundancy in the next packet, else by concealment (RFC 6716 §4.4).</summary>
    /// <param name="nextPacketOrEmpty">The packet right after the hole, or empty.</param>
    /// <param name="pcm">Exactly the duration that is missing, a multiple of 2.5 ms.</param>
    /// <returns>Samples written, or a negative <see cref="AudioError"/>.</returns>
    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm) =>
        _handle.Decode(nextPacketOrEmpty, pcm, forwardErrorCorrection: !nextPacketOrEmpty.IsEmpty);

    /// <summary>Forgets the stream so far.</summary>
    public void Reset() => _handle.Reset();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
