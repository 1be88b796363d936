namespace Bridge.Audio;

/// <summary>One subscription to a <see cref="PacketClock"/>. Disposing it ends it; safe from any thread, its own tick included.</summary>
public sealed class PacketClockTicket : IDisposable
{
    /// <summary>
    /// Moves the subscription's phase so that it is called now and every 20 ms from now on: the first packet of an answer
    /// need not wait for a tick. Never sooner than 20 ms after the call before.
    /// </summary>
    public void StartNow() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
