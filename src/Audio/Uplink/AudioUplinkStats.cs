namespace Bridge.Audio.Uplink;

/// <summary>Counters of an <see cref="AudioUplink"/> since it was made. Counts of packets unless the name says otherwise.</summary>
internal readonly record struct AudioUplinkStats
{
    /// <summary>Packets pushed.</summary>
    public long Received { get; init; }

    /// <summary>Packets that came after their place had been filled.</summary>
    public long Late { get; init; }

    /// <summary>Packets that never came in time.</summary>
    public long Lost { get; init; }

    /// <summary>Packets that came twice.</summary>
    public long Duplicate { get; init; }

    /// <summary>Packets that came after a later one.</summary>
    public long Reordered { get; init; }

    /// <summary>Packets that the codec refused.</summary>
    public long Corrupt { get; init; }

    /// <summary>Lost packets that were rebuilt from redundancy.</summary>
    public long Recovered { get; init; }

    /// <summary>Lost packets that were concealed.</summary>
    public long Concealed { get; init; }

    /// <summary>
    /// Sounds turned down or replaced because they were louder than the speech: than their sender had announced, or than it had ever been.
    /// </summary>
    public long Subdued { get; init; }

    /// <summary>Samples of 24 kHz made for gaps in which the sender had nothing to send.</summary>
    public long SilenceSamples { get; init; }

    /// <summary>Samples of 24 kHz dropped because the sender was further ahead of the wall clock than it may be.</summary>
    public long AheadSamples { get; init; }

    /// <summary>Samples of 24 kHz left out (negative) or put in (positive) during silence to follow the wall clock.</summary>
    public long DriftSamples { get; init; }

    /// <summary>Samples of 24 kHz given out in all.</summary>
    public long Samples { get; init; }

    /// <summary>How long a missing packet is waited for at present.</summary>
    public TimeSpan Wait { get; init; }
}
