namespace Bridge.Audio;

/// <summary>G.711 at 8 kHz, one byte a sample: the fallback for a peer without Opus.</summary>
public sealed class G711Codec : IAudioCodec
{
    /// <summary>Makes the codec.</summary>
    /// <param name="law">µ-law or A-law.</param>
    public G711Codec(G711Law law) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string Name => throw new NotImplementedException();

    /// <inheritdoc/>
    public int SampleRate => 8000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int EncoderDelay => 0;

    /// <inheritdoc/>
    public int Duration(ReadOnlySpan<byte> packet) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool HasRedundancy(ReadOnlySpan<byte> packet) => false;

    /// <inheritdoc/>
    public bool IsSilence(ReadOnlySpan<byte> packet) => false;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void ResetEncoder() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void ResetDecoder() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
