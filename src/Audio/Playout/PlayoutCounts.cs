namespace Bridge.Audio.Playout;

/// <summary>Counters of a <see cref="PlayoutQueue"/>: packets sent, underruns, and 24 kHz samples cleared and dropped.</summary>
internal struct PlayoutCounts
{
    public long Sent;
    public long Underruns;
    public long Cleared;
    public long Dropped;
}
