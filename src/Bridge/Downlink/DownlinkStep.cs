namespace Bridge.Downlink;

/// <summary>One way of encoding the agent's speech.</summary>
/// <param name="Bitrate">Of the codec, bit/s.</param>
/// <param name="FrameCount">Stretches of 20 ms in one packet.</param>
/// <param name="MayRepeat">RED may be added where there is loss.</param>
internal sealed record DownlinkStep(int Bitrate, int FrameCount, bool MayRepeat)
{
    // IPv4 20, UDP 8, RTP 12, extensions 8, the tag of AES-GCM 16.
    private const int HeaderBytes = 64;

    private const int RedBytes = 5;

    /// <summary>The packets that the playout queue holds are sent as they are.</summary>
    public bool IsFull => Bitrate == BitrateLadder.FullBitrate;

    /// <summary>Time that one packet lasts.</summary>
    public TimeSpan PacketTime => FrameCount * TimeSpan.FromMilliseconds(20);

    /// <summary>Its share of the path, bit/s, all headers counted.</summary>
    /// <param name="repeats">RED is being added where it may.</param>
    public int WireRate(bool repeats)
    {
        var perPacket = (HeaderBytes + (MayRepeat && repeats ? RedBytes : 0)) * 8 / PacketTime.TotalSeconds;
        return (int)((Bitrate * (MayRepeat && repeats ? 2 : 1)) + perPacket);
    }
}
