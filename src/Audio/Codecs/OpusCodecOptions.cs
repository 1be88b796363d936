using Bridge.Audio.Resampling;

namespace Bridge.Audio.Codecs;

/// <summary>Settings of Opus, whichever engine. The defaults were chosen by measurement: docs/decisions/0004-opus-at-24-khz.md.</summary>
public sealed record OpusCodecOptions
{
    /// <summary>
    /// Rate of the PCM side in Hz. 24000, the model's own rate, lets libopus do the conversion inside the codec at no cost;
    /// 48000 leaves it to <see cref="PolyphaseResampler"/>.
    /// </summary>
    public int SampleRate { get; init; } = 24000;

    /// <summary>The goal of the encoder.</summary>
    public OpusApplication Application { get; init; } = OpusApplication.RestrictedLowDelay;

    /// <summary>Bit rate of the encoder, bit/s.</summary>
    public int Bitrate { get; init; } = 48000;

    /// <summary>Computational complexity of the encoder, 0 to 10.</summary>
    public int Complexity { get; init; } = 5;

    /// <summary>
    /// Whether the encoder may add a coarse copy of each frame to the packet after it (RFC 6716 §2.1.7).
    /// <see cref="OpusApplication.RestrictedLowDelay"/> cannot; its encoder turns to <see cref="OpusApplication.Voip"/>
    /// while the listener reports 5 percent of loss or more.
    /// </summary>
    public bool ForwardErrorCorrection { get; init; } = true;

    /// <summary>Loss that the encoder is ready for from the start, percent. With 0, libopus adds no redundancy.</summary>
    public int ExpectedLossPercent { get; init; } = 5;

    /// <summary>Whether silence is not sent (RFC 6716 §2.1.9).</summary>
    public bool Dtx { get; init; }
}
