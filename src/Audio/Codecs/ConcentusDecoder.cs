using Bridge.Audio.Resampling;
using Concentus;

namespace Bridge.Audio.Codecs;

/// <summary>
/// Concentus's decoder. It decodes at 48 kHz, whatever rate is wanted, because below that it loses the SILK band of hybrid
/// packets; <see cref="PolyphaseResampler"/> does the rest, with its delay.
/// </summary>
internal sealed class ConcentusDecoder : IOpusDecoder
{
    private const int DecoderRate = 48000;
    private const int MaxPacket = DecoderRate * 120 / 1000;
    private const int Unit = DecoderRate / 400; // 2.5 ms

    private readonly Concentus.Structs.OpusDecoder _decoder;
    private readonly PolyphaseResampler? _resampler;
    private readonly short[] _decoded = new short[MaxPacket];

    /// <param name="sampleRate">Output rate in Hz: 8000, 16000, 24000 or 48000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    internal ConcentusDecoder(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(DecoderRate % sampleRate, 0, nameof(sampleRate));
        _resampler = sampleRate == DecoderRate ? null : new PolyphaseResampler(DecoderRate, sampleRate);
        SampleRate = sampleRate;
#pragma warning disable CS0618 // The factory that it recommends loads native code from the working folder.
        _decoder = new Concentus.Structs.OpusDecoder(DecoderRate, 1);
#pragma warning restore CS0618
    }

    public int SampleRate { get; }

    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm) =>
        !OpusToc.TryParse(packet, out OpusToc toc) ? (int)AudioError.InvalidPacket
        : (long)toc.Samples48k * SampleRate / DecoderRate > pcm.Length ? (int)AudioError.BufferTooSmall
        : Decode(packet, MaxPacket, forwardErrorCorrection: false, pcm);

    // It has no copy of its state.
    public bool TakeBack() => false;

    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm)
    {
        long missing = (long)pcm.Length * DecoderRate / SampleRate;
        return missing is <= 0 or > MaxPacket || missing % Unit != 0
            ? (int)AudioError.BadArgument
            : Decode(nextPacketOrEmpty, (int)missing, forwardErrorCorrection: !nextPacketOrEmpty.IsEmpty, pcm);
    }

    public void Reset()
    {
        _decoder.ResetState();
        _resampler?.Reset();
    }

    public void Dispose()
    {
        // Nothing native is held.
    }

    private int Decode(ReadOnlySpan<byte> packet, int samples, bool forwardErrorCorrection, Span<short> pcm)
    {
        int decoded;
        try
        {
            decoded = _decoder.Decode(packet, _decoded, samples, forwardErrorCorrection);
        }
        catch (Exception failed) when (failed is OpusException or ArgumentException or IndexOutOfRangeException)
        {
            // Corrupt: it says so, or ran against the end of a buffer (which C would have run past). The packets after it decode as after
            // any other corrupt one.
            return (int)AudioError.InvalidPacket;
        }

        if (_resampler is not null)
        {
            return _resampler.Process(_decoded.AsSpan(0, decoded), pcm);
        }

        _decoded.AsSpan(0, decoded).CopyTo(pcm);
        return decoded;
    }
}
