namespace Bridge.Rtc.Sctp;

/// <summary>
/// Where <see cref="SctpAssociation.Advance"/> puts what it produces. An implementation only enqueues:
/// it never calls back into the association. Spans are valid during the call alone.
/// </summary>
internal interface ISctpSink
{
    /// <summary>An SCTP packet to be sent through DTLS.</summary>
    void Transmit(ReadOnlySpan<byte> packet);

    /// <summary>The four-way handshake is complete.</summary>
    void Established();

    /// <summary>A channel may be used: one the peer opened, or one of ours as soon as the association is established.</summary>
    void ChannelOpened(ushort stream, DataChannelOptions channel);

    /// <summary>A channel is closed in both directions; its stream number may be used anew.</summary>
    void ChannelClosed(ushort stream);

    /// <summary>A whole message. <paramref name="binary"/> is false for UTF-8 text.</summary>
    void Message(ushort stream, ReadOnlySpan<byte> message, bool binary);

    /// <summary>No bytes wait on a channel any more.</summary>
    void BufferedAmountLow(ushort stream);

    /// <summary>The association has ended; every channel still open was reported closed before.</summary>
    void Closed(SctpCloseReason reason);

    /// <summary>
    /// Something was thrown away since the last call of <see cref="SctpAssociation.Advance"/>; a sink that keeps no trail leaves it out.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="count">How often since then.</param>
    /// <param name="bytes">Bytes of all of them together.</param>
    void Dropped(DropReason reason, int count, long bytes)
    {
    }
}
