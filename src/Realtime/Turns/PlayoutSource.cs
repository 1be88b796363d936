namespace Bridge.Realtime.Turns;

/// <summary>The origin of a playout position.</summary>
public enum PlayoutSource
{
    /// <summary>The server's packet clock: what was handed to the network.</summary>
    Server,

    /// <summary>
    /// The page: what its speaker has played (RTP timestamp from getSynchronizationSources, mapped by the playout queue).
    /// </summary>
    Page,
}
