using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;

namespace Bridge.Audio.Playout;

/// <summary>Turns 20 ms of 24 kHz into one packet of any codec, through a resampler where the codec has another rate.</summary>
internal sealed class FrameEncoder
{
    private const int ModelRate = 24000;
    private const int MaxPacket = 1275; // RFC 6716 §3.4, R2 for one frame

    private readonly IAudioCodec _codec;
    private readonly PolyphaseResampler? _resampler;
    private readonly short[] _converted;
    private readonly short[] _last = new short[ModelRate / 50];
    private readonly byte[] _packet = new byte[MaxPacket];

    internal FrameEncoder(IAudioCodec codec)
    {
        _codec = codec;
        _converted = new short[codec.SampleRate / 50];
        _resampler = codec.SampleRate == ModelRate ? null : new PolyphaseResampler(ModelRate, codec.SampleRate);
    }

    /// <summary>Samples of 24 kHz from the way in to the decoder's way out, for the packet encoded last.</summary>
    internal int Delay => (int)((long)_codec.EncoderDelay * ModelRate / _codec.SampleRate)
        + (_resampler is null ? 0 : (int)Math.Round(_resampler.Delay.TotalSeconds * ModelRate));

    internal long Errors { get; private set; }

    /// <summary>Encodes 480 samples of 24 kHz.</summary>
    /// <returns>The packet, valid until the next call; empty when nothing need be sent.</returns>
    internal ReadOnlySpan<byte> Encode(ReadOnlySpan<short> pcm24k)
    {
        pcm24k.CopyTo(_last);
        ReadOnlySpan<short> pcm = pcm24k;
        if (_resampler is not null)
        {
            _resampler.Process(pcm24k, _converted);
            pcm = _converted;
        }

        int length = _codec.Encode(pcm, _packet);
        if (length < 0)
        {
            Errors++;
            return [];
        }

        return _packet.AsSpan(0, length);
    }

    internal ReadOnlySpan<byte> EncodeSilence()
    {
        _last.AsSpan().Clear();
        return Encode(_last);
    }

    /// <summary>Copies the last samples that were encoded.</summary>
    internal void CopyLast(Span<short> samples) => _last.AsSpan(_last.Length - samples.Length).CopyTo(samples);

    internal void Reset()
    {
        _codec.ResetEncoder();
        _resampler?.Reset();
    }
}
