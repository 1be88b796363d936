namespace Bridge.Audio.Codecs;

/// <summary>Opus both ways for one call, by the engine of the class that derives from it.</summary>
public abstract class OpusCodecBase : IAudioCodec
{
    private readonly IOpusDecoder _decoder;
    private readonly OpusEncoder _encoder;

    private protected OpusCodecBase(
        OpusCodecOptions? options, Func<OpusCodecOptions, OpusApplication, int, IOpusEncoder> makeEncoder, Func<int,
        IOpusDecoder> makeDecoder)
    {
        options ??= new OpusCodecOptions();
        _encoder = new OpusEncoder(options, makeEncoder);
        try
        {
            _decoder = makeDecoder(options.SampleRate);
        }
        catch
        {
            _encoder.Dispose();
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
    public bool TakeBack() => _decoder.TakeBack();

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
        GC.SuppressFinalize(this);
    }
}
