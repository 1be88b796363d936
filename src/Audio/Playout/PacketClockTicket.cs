namespace Bridge.Audio;

/// <summary>One subscription to a <see cref="PacketClock"/>. Disposing it ends it; safe from any thread, its own tick included.</summary>
public sealed class PacketClockTicket : IDisposable
{
    private readonly PacketClock? _clock;

    internal PacketClockTicket(PacketClock? clock, Action<TimeSpan> tick)
    {
        _clock = clock;
        Tick = tick;
    }

    internal Action<TimeSpan> Tick { get; }

    internal bool IsActive { get; set; }

    internal int Phase { get; set; }

    internal TimeSpan Due { get; set; }

    internal TimeSpan LastDue { get; set; } = TimeSpan.MinValue / 2;

    /// <summary>
    /// Moves the subscription's phase so that it is called now and every 20 ms from now on: the first packet of an answer
    /// need not wait for a tick. Never sooner than 20 ms after the call before.
    /// </summary>
    public void StartNow() => _clock?.StartNow(this);

    /// <inheritdoc/>
    public void Dispose() => _clock?.Remove(this);
}
