namespace Bridge.Audio.Codecs;

/// <summary>G.711 at 8 kHz, one byte a sample: the fallback for a peer without Opus.</summary>
public sealed class G711Codec : IAudioCodec
{
    private const int MaxPacket = 960; // 120 ms

    private readonly G711Tables _tables;
    private readonly PitchConcealer _concealer = new(8000);

    /// <summary>Makes the codec.</summary>
    /// <param name="law">µ-law or A-law.</param>
    public G711Codec(G711Law law)
    {
        _tables = G711Tables.For(law);
        Name = law == G711Law.Mu ? "PCMU" : "PCMA";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int SampleRate => 8000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int EncoderDelay => 0;

    /// <inheritdoc/>
    public int Duration(ReadOnlySpan<byte> packet) =>
        packet.Length is > 0 and <= MaxPacket ? packet.Length : (int)AudioError.InvalidPacket;

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
    {
        if (packet.Length is 0 or > MaxPacket)
        {
            return (int)AudioError.InvalidPacket;
        }

        if (pcm.Length < packet.Length)
        {
            return (int)AudioError.BufferTooSmall;
        }

        ReadOnlySpan<short> linear = _tables.Linear;
        for (int i = 0; i < packet.Length; i++)
        {
            pcm[i] = linear[packet[i]];
        }

        _concealer.Heard(pcm[..packet.Length]);
        return packet.Length;
    }

    /// <inheritdoc/>
    public bool TakeBack()
    {
        _concealer.TakeBack();
        return true;
    }

    /// <inheritdoc/>
    public int Conceal(ReadOnlySpan<byte> nextPacketOrEmpty, Span<short> pcm)
    {
        _concealer.Conceal(pcm);
        return pcm.Length;
    }

    /// <inheritdoc/>
    public bool HasRedundancy(ReadOnlySpan<byte> packet) => false;

    /// <inheritdoc/>
    public bool IsSilence(ReadOnlySpan<byte> packet) => false;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        if (packet.Length < pcm.Length)
        {
            return (int)AudioError.BufferTooSmall;
        }

        ReadOnlySpan<byte> compressed = _tables.Compressed;
        for (int i = 0; i < pcm.Length; i++)
        {
            packet[i] = compressed[(ushort)pcm[i] >> 2];
        }

        return pcm.Length;
    }

    /// <inheritdoc/>
    public void ExpectLoss(int percent)
    {
        // It has no redundancy to offer.
    }

    /// <inheritdoc/>
    public void ResetEncoder()
    {
        // Each byte stands for itself.
    }

    /// <inheritdoc/>
    public void ResetDecoder() => _concealer.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing native is held.
    }
}
