namespace Bridge.Audio.Playout;

/// <summary>One subscription to a <see cref="PacketClock"/>. Disposing it ends it; safe from any thread, its own tick included.</summary>
internal sealed class PacketClockTicket : IDisposable
{
    private readonly PacketClock? _clock;

    internal PacketClockTicket(PacketClock? clock, Func<TimeSpan, bool> tick)
    {
        _clock = clock;
        Tick = tick;
    }

    internal Func<TimeSpan, bool> Tick { get; }

    internal bool IsActive { get; set; }

    internal int Phase { get; set; }

    internal TimeSpan Due { get; set; }

    /// <summary>When it last sent something.</summary>
    internal TimeSpan LastSent { get; set; } = TimeSpan.MinValue / 2;

    /// <summary>True from the moment it is given out until its call has returned.</summary>
    internal bool IsTicking { get; set; }

    /// <summary>It was asked to start while it was being called.</summary>
    internal bool IsWanted { get; set; }

    /// <summary>
    /// Moves the subscription's phase so that it is called now and every 20 ms from now on: the first packet of an answer
    /// need not wait for a tick. Never sooner than 20 ms after a packet that it sent.
    /// </summary>
    public void StartNow() => _clock?.StartNow(this);

    /// <summary>Moves the subscription's phase so that every call from the next on comes earlier by that much.</summary>
    public void Advance(TimeSpan by) => _clock?.Advance(this, by);

    /// <inheritdoc/>
    public void Dispose() => _clock?.Remove(this);
}
