using Bridge.Audio.Codecs;

namespace Bridge.Audio.Ogg;

/// <summary>
/// Writes the packets of one direction as they are into an Ogg Opus file (RFC 7845, RFC 3533): mono, a page each second. Holes are
/// filled with frames, so that the position in the stream is the time. Allocates nothing per packet. Throws what its stream throws.
/// </summary>
public sealed class OggOpusWriter : IOpusSink
{
    private readonly OpusStream _stream;
    private byte _lastToc = SilentFrame.Toc(SilentFrame.Longest);

    /// <param name="target">Where the bytes go; stays open.</param>
    /// <param name="serial">Tells the stream from others of the same file.</param>
    /// <param name="comments"><c>NAME=value</c> each (RFC 7845 §5.2).</param>
    public OggOpusWriter(Stream target, uint serial, IReadOnlyList<string> comments) =>
        _stream = new OpusStream(target, serial, channels: 1, comments);

    /// <inheritdoc/>
    public long Position => _stream.Position;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> packet)
    {
        Span<(int, int)> frames = stackalloc (int, int)[OpusFrames.Max];
        if (!OpusFrames.TrySplit(packet, frames, out var toc))
        {
            return false;
        }

        _lastToc = (byte)(packet[0] & 0xF8);
        _stream.Add(packet, toc.Samples48k);
        return true;
    }

    /// <inheritdoc/>
    public void Fill(long samples, bool lost)
    {
        Span<byte> packet = [_lastToc, 0, 0];
        _ = OpusToc.TryParse(packet[..1], out var toc);
        while (lost && samples >= toc.Samples48k)
        {
            _stream.Add(packet[..1], toc.Samples48k);
            samples -= toc.Samples48k;
        }

        for (var frame = SilentFrame.Longest; frame >= SilentFrame.Shortest; frame /= 2)
        {
            for (SilentFrame.Write(packet, frame); samples >= frame; samples -= frame)
            {
                _stream.Add(packet, frame);
            }
        }
    }

    /// <summary>Writes the last page.</summary>
    public void Finish() => _stream.Finish();
}
