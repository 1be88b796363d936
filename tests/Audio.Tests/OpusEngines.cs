using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;

namespace Bridge.Audio.Tests;

/// <summary>Makes codecs of an engine, and knows where engines differ.</summary>
internal static class OpusEngines
{
    internal static TheoryData<OpusEngine> Both => [OpusEngine.LibOpus, OpusEngine.Concentus];

    internal static IAudioCodec Make(this OpusEngine engine, OpusCodecOptions? options = null) =>
        engine == OpusEngine.Concentus ? new ConcentusCodec(options) : new OpusCodec(options);

    /// <summary>Samples by which the decoder's way out lags: Concentus decodes at 48 kHz, and the resampler after it has a delay.</summary>
    internal static int DecoderDelay(this OpusEngine engine, int rate) =>
        engine == OpusEngine.Concentus ? (int)Math.Round(new PolyphaseResampler(48000, rate).Delay.TotalSeconds * rate) : 0;

    /// <summary>Samples from the way in of the encoder to the way out of the decoder.</summary>
    internal static int RoundTripDelay(this OpusEngine engine, IAudioCodec codec) =>
        codec.EncoderDelay + engine.DecoderDelay(codec.SampleRate);
}
