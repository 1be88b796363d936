namespace Bridge.Audio;

/// <summary>Settings of a <see cref="PlayoutQueue"/>.</summary>
public sealed record PlayoutQueueOptions
{
    /// <summary>RTP timestamp of the first packet; random by RFC 3550 §5.1, so the caller draws it.</summary>
    public uint FirstTimestamp { get; init; }

    /// <summary>Most audio that the queue holds; what is appended beyond it is dropped and counted.</summary>
    public TimeSpan Capacity { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After an underrun, how much has to be there before the item goes on: a longer pause is heard less than many short ones.</summary>
    public TimeSpan Rebuffer { get; init; } = TimeSpan.FromMilliseconds(60);
}
