namespace Bridge.Audio.Ogg;

/// <summary>Frames of one kind that make 20 ms, on their way into a packet of a stereo file.</summary>
internal sealed class StereoSlot
{
    /// <summary>The largest packet that comes of it.</summary>
    internal const int MaxPacketBytes = MaxDataBytes + 2 + (MaxFrames * 2);

    private const int MaxFrames = 8; // of 2.5 ms
    private const int MaxDataBytes = 2_560;
    private readonly int[] _lengths = new int[MaxFrames];
    private readonly byte[] _data = new byte[MaxDataBytes];
    private byte _toc;
    private int _dataLength;

    /// <summary>Frames so far.</summary>
    internal int Count { get; private set; }

    /// <summary>Begins anew.</summary>
    /// <param name="toc">Configuration and channels of the frames: the first byte of their packets without its last two bits.</param>
    internal void Begin(byte toc) => (_toc, Count, _dataLength) = (toc, 0, 0);

    /// <summary>Adds a frame; false, and nothing is added, when it finds no room.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> frame)
    {
        if (Count == MaxFrames || _dataLength + frame.Length > MaxDataBytes)
        {
            return false;
        }

        frame.CopyTo(_data.AsSpan(_dataLength));
        _dataLength += frame.Length;
        _lengths[Count++] = frame.Length;
        return true;
    }

    /// <summary>
    /// Writes the packet: one frame with code 0, more with code 3 and a length each (RFC 6716 §3.2.2, §3.2.5).
    /// </summary>
    /// <param name="to">Room for <see cref="MaxPacketBytes"/>.</param>
    /// <param name="delimited">The last frame has its length, too, so that another packet may follow (RFC 6716 appendix B).</param>
    /// <returns>Bytes written.</returns>
    internal int Write(Span<byte> to, bool delimited)
    {
        var at = 1;
        to[0] = _toc;
        if (Count > 1)
        {
            to[0] |= 3;
            to[at++] = (byte)(0x80 | Count);
        }

        for (var i = 0; i < (delimited ? Count : Count - 1); i++)
        {
            at += OpusFrames.WriteLength(to[at..], _lengths[i]);
        }

        _data.AsSpan(0, _dataLength).CopyTo(to[at..]);
        return at + _dataLength;
    }
}
