namespace Bridge.Rtc;

/// <summary>
/// Takes what a peer gives out during <see cref="RtcPeer.Advance"/>. Implementations only enqueue; they never call back into the peer.
/// </summary>
public interface IRtcSink
{
    /// <summary>Send this datagram. The span is valid during the call.</summary>
    void Transmit(ReadOnlySpan<byte> datagram, Route to);

    /// <summary>The peer entered a state; called once per change.</summary>
    void StateChanged(RtcPeerState state);

    /// <summary>An offer or answer settled the audio format; again when a re-offer changes it.</summary>
    void AudioNegotiated(in AudioFormat format);

    /// <summary>An audio packet, in order of arrival, each sequence number at most once.</summary>
    void AudioReceived(in RtpPacket packet);

    /// <summary>A key was pressed; once per press.</summary>
    void DtmfReceived(in DtmfEvent digit);

    /// <summary>A data channel is open: the remote side opened it, or acknowledged ours.</summary>
    void ChannelOpened(ushort stream, string label);

    /// <summary>A data channel is closed in both directions, or the association ended.</summary>
    void ChannelClosed(ushort stream);

    /// <summary>A whole message. The span is valid during the call.</summary>
    void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary);

    /// <summary>The send buffer of a channel ran empty: bufferedAmountLowThreshold of the W3C is 0 here.</summary>
    void BufferedAmountLow(ushort stream);

    /// <summary>
    /// Something was thrown away since the last call of <see cref="RtcPeer.Advance"/>. For the trail of one connection; a sink that
    /// keeps none leaves it out.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="count">How often since then.</param>
    /// <param name="bytes">Bytes of all of them together.</param>
    void Dropped(DropReason reason, int count, long bytes)
    {
    }
}
