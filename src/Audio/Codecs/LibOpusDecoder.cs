using Bridge.Native.Opus;

namespace Bridge.Audio.Codecs;

/// <summary>libopus's decoder.</summary>
internal sealed class LibOpusDecoder : IOpusDecoder
{
    private readonly OpusDecoderHandle _handle;

    /// <param name="sampleRate">Output rate in Hz: 8000, 12000, 16000, 24000 or 48000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    internal LibOpusDecoder(int sampleRate)
    {
        _handle = OpusDecoderHandle.Create(sampleRate, channels: 1);
        SampleRate = sampleRate;
    }

    public int SampleRate { get; }

    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
    {
        if (packet.IsEmpty)
        {
            return (int)AudioError.InvalidPacket;
        }

        _handle.Keep();
        return _handle.Decode(packet, pcm, forwardErrorCorrection: false);
    }

    public bool TakeBack()
    {
        _handle.Restore();
        return true;
    }

    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm) =>
        _handle.Decode(nextPacketOrEmpty, pcm, forwardErrorCorrection: !nextPacketOrEmpty.IsEmpty);

    public void Reset() => _handle.Reset();

    public void Dispose() => _handle.Dispose();
}
