namespace Bridge.Audio;

/// <summary>Opus both ways over libopus: an <see cref="OpusDecoder"/> and an <see cref="OpusEncoder"/> for one call.</summary>
public sealed class OpusCodec : IAudioCodec
{
    private readonly OpusDecoder _decoder;
    private readonly OpusEncoder _encoder;

    /// <summary>Makes both sides.</summary>
    /// <param name="options">Settings; the measured defaults when left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refuses a setting.</exception>
    public OpusCodec(OpusCodecOptions? options = null)
    {
        options ??= new OpusCodecOptions();
        _decoder = new OpusDecoder(options.SampleRate);
        try
        {
            _encoder = new OpusEncoder(options);
        }
        catch
        {
            _decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => "opus";

    /// <inheritdoc/>
    public int SampleRate => _decoder.SampleRate;

    /// <inheritdoc/>
    public int ClockRate => 48000;

    /// <inheritdoc/>
    public int EncoderDelay => _encoder.Delay;

    /// <inheritdoc/>
    public int Duration(ReadOnlySpan<byte> packet) => OpusToc.TryParse(packet, out OpusToc toc)
        ? (int)((long)toc.Samples48k * SampleRate / 48000)
        : (int)AudioError.InvalidPacket;

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm) => _decoder.Decode(packet, pcm);

    /// <inheritdoc/>
    public void TakeBack() => _decoder.TakeBack();

    /// <inheritdoc/>
    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm) => _decoder.Conceal(nextPacketOrEmpty, pcm);

    /// <inheritdoc/>
    public bool HasRedundancy(ReadOnlySpan<byte> packet) => OpusToc.HasRedundancy(packet);

    /// <inheritdoc/>
    public bool IsSilence(ReadOnlySpan<byte> packet) => packet.Length <= 2;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet) => _encoder.Encode(pcm, packet);

    /// <inheritdoc/>
    public void ExpectLoss(int percent) => _encoder.ExpectLoss(percent);

    /// <inheritdoc/>
    public void ResetEncoder() => _encoder.Reset();

    /// <inheritdoc/>
    public void ResetDecoder() => _decoder.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _encoder.Dispose();
    }
}
