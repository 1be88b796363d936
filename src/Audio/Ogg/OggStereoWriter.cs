namespace Bridge.Audio.Ogg;

/// <summary>
/// Writes two directions as they are into one Ogg Opus file that any player plays in stereo: channel mapping family 1 with two mono
/// streams (RFC 7845 §5.1.1.2). Each Ogg packet holds 20 ms of both: the left one with its length (RFC 6716 appendix B), then the right
/// one. Nothing is decoded or encoded. Throws what its stream throws.
/// </summary>
public sealed class OggStereoWriter
{
    // A channel that is ahead of the other by more than this is not waited for.
    private const int MaxAhead = 256;

    private readonly OpusStream _stream;
    private readonly StereoChannel _left;
    private readonly StereoChannel _right;
    private readonly byte[] _packet = new byte[2 * StereoSlot.MaxPacketBytes];

    /// <param name="target">Where the bytes go; stays open.</param>
    /// <param name="serial">Tells the stream from others of the same file.</param>
    /// <param name="comments"><c>NAME=value</c> each (RFC 7845 §5.2).</param>
    public OggStereoWriter(Stream target, uint serial, IReadOnlyList<string> comments)
    {
        _stream = new OpusStream(target, serial, channels: 2, comments);
        (_left, _right) = (new StereoChannel(Pair), new StereoChannel(Pair));
    }

    /// <summary>The left channel.</summary>
    public IOpusSink Left => _left;

    /// <summary>The right channel.</summary>
    public IOpusSink Right => _right;

    /// <summary>Samples of 48 kHz that are written.</summary>
    public long Position => _stream.Position;

    /// <summary>Frames that were no part of 20 ms, and are left out.</summary>
    public long Dropped => _left.Dropped + _right.Dropped;

    /// <summary>Writes what one channel has and the other has not yet, and the last page.</summary>
    public void Finish()
    {
        while (_left.Count > 0 || _right.Count > 0)
        {
            Write();
        }

        _stream.Finish();
    }

    private void Pair()
    {
        while ((_left.Count > 0 && _right.Count > 0) || _left.Count > MaxAhead || _right.Count > MaxAhead)
        {
            Write();
        }
    }

    private void Write()
    {
        var length = _left.Take(_packet, delimited: true);
        length += _right.Take(_packet.AsSpan(length), delimited: false);
        _stream.Add(_packet.AsSpan(0, length), StereoChannel.Slot);
    }
}
