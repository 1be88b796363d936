namespace Bridge.Trail;

/// <summary>
/// The log categories of the parts that a call passes through. <c>Logging:LogLevel:Bridge</c> sets them all, a longer name one
/// part; docs/operation.md lists them.
/// </summary>
internal sealed class TrailLoggers(ILoggerFactory loggers)
{
    /// <summary>The connection as a whole: its states, its figures, what it drops.</summary>
    public ILogger Peer { get; } = loggers.CreateLogger("Bridge.Rtc");

    /// <summary>Where the datagrams go.</summary>
    public ILogger Ice { get; } = loggers.CreateLogger("Bridge.Rtc.Ice");

    /// <summary>The handshake.</summary>
    public ILogger Dtls { get; } = loggers.CreateLogger("Bridge.Rtc.Dtls");

    /// <summary>The data channel.</summary>
    public ILogger Sctp { get; } = loggers.CreateLogger("Bridge.Rtc.Sctp");

    /// <summary>Audio and telephone events.</summary>
    public ILogger Rtp { get; } = loggers.CreateLogger("Bridge.Rtc.Rtp");

    /// <summary>Sessions with the model, and what passes between it and the host.</summary>
    public ILogger Model { get; } = loggers.CreateLogger("Bridge.Model");

    /// <summary>Inputs and commands of the turn machine.</summary>
    public ILogger Turns { get; } = loggers.CreateLogger("Bridge.Turns");

    /// <summary>Function calls.</summary>
    public ILogger Tools { get; } = loggers.CreateLogger("Bridge.Tools");

    /// <summary>The trail of one call.</summary>
    public CallTrail Of(string callId) => new(callId, this);
}
