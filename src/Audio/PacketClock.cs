namespace Bridge.Audio;

/// <summary>
/// The one thread that paces every call's packets: each subscriber is called every 20 ms at its own phase, by absolute
/// deadlines, so that no error adds up.
/// </summary>
public sealed class PacketClock : IDisposable
{
    /// <summary>Time between two calls of one subscriber.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Most calls that one subscriber gets in a row after a stall; older ones are skipped.</summary>
    public const int LongestBurst = 3;

    /// <summary>The clock's time: what it hands to subscribers.</summary>
    public TimeSpan Now => throw new NotImplementedException();

    /// <summary>Counters since the start.</summary>
    public PacketClockStats Stats => throw new NotImplementedException();

    /// <summary>Subscribes at the least crowded phase.</summary>
    /// <param name="tick">Called on the clock's thread with the time at which it was due; has to be short. What it throws ends its own subscription alone.</param>
    /// <returns>The subscription.</returns>
    public PacketClockTicket Add(Action<TimeSpan> tick) => throw new NotImplementedException();

    /// <summary>Stops the thread. No subscriber is called afterwards.</summary>
    public void Dispose() => throw new NotImplementedException();
}
