namespace Bridge.Audio.Ogg;

/// <summary>Where the packets of one direction go, one after the other: a stream of its own, or a channel of another.</summary>
public interface IOpusSink
{
    /// <summary>Samples of 48 kHz so far.</summary>
    long Position { get; }

    /// <summary>Writes a packet; false, and nothing is written, when it is none that an Opus decoder takes.</summary>
    bool Write(ReadOnlySpan<byte> packet);

    /// <summary>Fills a hole as far as whole frames go.</summary>
    /// <param name="samples">Samples of 48 kHz that are missing.</param>
    /// <param name="lost">
    /// Packets of a running stream are missing: frames without content, which a decoder conceals (RFC 7845 §4.1). False: the sender
    /// paused, and silence is written.
    /// </param>
    void Fill(long samples, bool lost);
}
