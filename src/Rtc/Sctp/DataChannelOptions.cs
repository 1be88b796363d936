namespace Bridge.Rtc.Sctp;

/// <summary>How a data channel delivers (RFC 8832 §5.1). The default is ordered and reliable.</summary>
public sealed record DataChannelOptions
{
    /// <summary>The label both sides see; UTF-8, at most 65,535 bytes and one packet.</summary>
    public required string Label { get; init; }

    /// <summary>The subprotocol; empty for none.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>Whether messages arrive in the order they were sent.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>
    /// How often a message is sent again before it is given up; null for no such limit. Excludes <see cref="MaxLifetime"/>.
    /// </summary>
    public ushort? MaxRetransmits { get; init; }

    /// <summary>How long after <c>Send</c> a message is given up; null for no such limit. Excludes <see cref="MaxRetransmits"/>.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>
    /// Priority as RFC 8831 §6.4 counts it: 128 below normal, 256 normal, 512 high, 1024 extra high. Carried, not scheduled by.
    /// </summary>
    public ushort Priority { get; init; } = 256;

    /// <summary>A stream number agreed outside of the channel, so that no DCEP message is sent; null to let us pick one.</summary>
    public ushort? NegotiatedStream { get; init; }
}
