namespace Bridge.Rtc.Sctp;

/// <summary>
/// One SCTP association with its data channels (RFC 9260, RFC 8831, RFC 8832) over a DTLS connection (RFC 8261).
/// Sans-IO: packets come in by <see cref="Receive"/>, everything goes out by <see cref="Advance"/>. One owner, no locks.
/// </summary>
public sealed class SctpAssociation
{
    /// <summary>Makes an association that answers an INIT; <see cref="Connect"/> sends one.</summary>
    public SctpAssociation(Instant start, IEntropy entropy, SctpOptions options) => throw new NotImplementedException();

    /// <summary>Where the association stands.</summary>
    public SctpState State => throw new NotImplementedException();

    /// <summary>What was counted so far.</summary>
    public SctpStats Stats => throw new NotImplementedException();

    /// <summary>Starts the handshake. The DTLS client does; the other side may just receive, and both together is no harm.</summary>
    public void Connect(Instant now) => throw new NotImplementedException();

    /// <summary>Takes a packet as DTLS delivered it. Never throws on wire bytes.</summary>
    public void Receive(Instant now, ReadOnlySpan<byte> packet) => throw new NotImplementedException();

    /// <summary>Runs the timers that are due, delivers everything, sends what may be sent, and says when to call again.</summary>
    public Deadline Advance(Instant now, ISctpSink sink) => throw new NotImplementedException();

    /// <summary>Opens a channel; before the handshake too. False when no stream number or no room for a channel is left, or the association has ended.</summary>
    public bool TryOpenChannel(Instant now, DataChannelOptions options, out ushort stream) => throw new NotImplementedException();

    /// <summary>Queues a message on a channel; an empty message is one too.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary) => throw new NotImplementedException();

    /// <summary>Closes a channel after what is queued on it was sent (RFC 8831 §6.7). <see cref="ISctpSink.ChannelClosed"/> follows.</summary>
    public void CloseChannel(Instant now, ushort stream) => throw new NotImplementedException();

    /// <summary>Bytes queued on a channel and not yet sent for the first time; 0 for no such channel.</summary>
    public long BufferedAmount(ushort stream) => throw new NotImplementedException();

    /// <summary>Sets at which <see cref="BufferedAmount"/> <see cref="ISctpSink.BufferedAmountLow"/> is raised; 0 at first.</summary>
    public void SetBufferedAmountLowThreshold(ushort stream, long bytes) => throw new NotImplementedException();

    /// <summary>Ends in order: what is queued is delivered first.</summary>
    public void Shutdown(Instant now) => throw new NotImplementedException();

    /// <summary>Ends at once, telling the peer with one ABORT at the next <see cref="Advance"/>.</summary>
    public void Abort(Instant now) => throw new NotImplementedException();

    /// <summary>Tells that the path changed (ICE restart, new address): what was unanswered is sent again at once and the RTT measured anew.</summary>
    public void PathChanged(Instant now) => throw new NotImplementedException();
}
