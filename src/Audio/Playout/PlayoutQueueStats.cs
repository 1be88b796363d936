namespace Bridge.Audio.Playout;

/// <summary>Counters of a <see cref="PlayoutQueue"/> since it was made.</summary>
internal readonly record struct PlayoutQueueStats
{
    /// <summary>Packets handed out.</summary>
    public long Sent { get; init; }

    /// <summary>Times the queue ran dry in the middle of an item.</summary>
    public long Underruns { get; init; }

    /// <summary>Samples of 24 kHz thrown away by <see cref="PlayoutQueue.Clear"/>.</summary>
    public long ClearedSamples { get; init; }

    /// <summary>Samples of 24 kHz dropped because the queue was full.</summary>
    public long DroppedSamples { get; init; }

    /// <summary>Frames that the codec refused to encode.</summary>
    public long EncodeErrors { get; init; }
}
