namespace Bridge.Audio;

/// <summary>Settings of an <see cref="OpusCodec"/>. The defaults were chosen by measurement: docs/benchmarks.md.</summary>
public sealed record OpusCodecOptions
{
    /// <summary>
    /// Rate of the PCM side in Hz. 24000, the model's own rate, lets libopus do the conversion inside the codec at no cost
    /// (docs/decisions/0004-opus-at-24-khz.md); 48000 leaves it to <see cref="PolyphaseResampler"/>.
    /// </summary>
    public int SampleRate { get; init; } = 24000;

    /// <summary>What the encoder optimises for.</summary>
    public OpusApplication Application { get; init; } = OpusApplication.Voip;

    /// <summary>Bit rate of the encoder, bit/s.</summary>
    public int Bitrate { get; init; } = 32000;

    /// <summary>Computational complexity of the encoder, 0 to 10.</summary>
    public int Complexity { get; init; } = 5;

    /// <summary>Whether the encoder adds a coarse copy of each frame to the packet after it (RFC 6716 §2.1.7).</summary>
    public bool ForwardErrorCorrection { get; init; } = true;

    /// <summary>Loss that the encoder should be ready for, percent. With 0, libopus adds no redundancy at all.</summary>
    public int ExpectedLossPercent { get; init; } = 5;

    /// <summary>Whether silence is not sent (RFC 6716 §2.1.9).</summary>
    public bool Dtx { get; init; }
}
