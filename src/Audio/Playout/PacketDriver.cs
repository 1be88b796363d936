namespace Bridge.Audio.Playout;

/// <summary>Calls a function at the moments that the function itself asks for, never twice at once.</summary>
internal abstract class PacketDriver : IDisposable
{
    /// <summary>Whether the system runs the calling thread before every ordinary one (SCHED_RR).</summary>
    public virtual bool IsRealTime => false;

    /// <summary>Begins to call.</summary>
    public abstract void Start();

    /// <summary>
    /// Asks for a call as soon as can be, because the next moment may have changed. Safe from any thread and during a call; returns without
    /// calling.
    /// </summary>
    public abstract void Wake();

    /// <summary>Ends it, and waits for a call under way unless that call is the one that disposes.</summary>
    public abstract void Dispose();
}
