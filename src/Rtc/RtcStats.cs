namespace Bridge.Rtc;

/// <summary>
/// Counters of one peer since its construction. Owned by the peer's thread; other threads may read torn sets of whole numbers.
/// </summary>
public sealed class RtcStats : IDropCounters
{
    /// <summary>Datagrams received, of any kind.</summary>
    public long DatagramsReceived { get; internal set; }

    /// <summary>Datagrams given to the sink.</summary>
    public long DatagramsSent { get; internal set; }

    /// <summary>Datagrams that were nothing this peer knows, or too short.</summary>
    public long NoiseDropped { get; internal set; }

    /// <summary>STUN messages with a missing or wrong integrity.</summary>
    public long StunRejected { get; internal set; }

    /// <summary>Datagrams from an address no connectivity check has proved.</summary>
    public long StrangersDropped { get; internal set; }

    /// <summary>SRTP and SRTCP packets with a wrong tag.</summary>
    public long SrtpUnauthentic { get; internal set; }

    /// <summary>SRTP and SRTCP packets seen before, or too old to tell.</summary>
    public long SrtpReplayed { get; internal set; }

    /// <summary>Packets of authentic senders that could not be parsed or placed.</summary>
    public long RtpMalformed { get; internal set; }

    /// <summary>Outputs dropped because the host did not drain the peer.</summary>
    public long OutputsDropped { get; internal set; }

    /// <summary>Datagrams withheld from an address that has not shown that it receives; RFC 9000 §8.1.</summary>
    public long AmplificationLimited { get; internal set; }

    /// <summary>Audio packets delivered to the sink, recovered ones included.</summary>
    public long AudioPacketsReceived { get; internal set; }

    /// <summary>Bytes of audio payload delivered to the sink.</summary>
    public long AudioBytesReceived { get; internal set; }

    /// <summary>Audio packets sent, retransmissions not counted.</summary>
    public long AudioPacketsSent { get; internal set; }

    /// <summary>Bytes of audio payload sent.</summary>
    public long AudioBytesSent { get; internal set; }

    /// <summary>Packets that a sender's sequence numbers promised and that never came; RFC 3550 §A.3.</summary>
    public long AudioPacketsLost { get; internal set; }

    /// <summary>Packets recovered from RED.</summary>
    public long RecoveredFromRed { get; internal set; }

    /// <summary>Packets recovered by retransmission.</summary>
    public long RecoveredFromRetransmission { get; internal set; }

    /// <summary>Packets asked for by NACK.</summary>
    public long NacksSent { get; internal set; }

    /// <summary>Packets sent again because the remote side asked.</summary>
    public long Retransmissions { get; internal set; }

    /// <summary>Interarrival jitter of received audio, RTP clock; RFC 3550 §6.4.1.</summary>
    public uint Jitter { get; internal set; }

    /// <summary>The latest round-trip time: from reports (RFC 3550 §6.4.1), for a client also from checks. Null before the first.</summary>
    public TimeSpan? RoundTripTime { get; internal set; }

    /// <summary>The share of our packets the remote side lost, by its latest report, 0..1.</summary>
    public double RemoteLoss { get; internal set; }

    /// <summary>Times the selected route changed after the first selection.</summary>
    public long RouteChanges { get; internal set; }

    /// <summary>ICE restarts answered or made.</summary>
    public long IceRestarts { get; internal set; }

    /// <summary>From the offer to state connected; null before that.</summary>
    public TimeSpan? ConnectTime { get; internal set; }

    void IDropCounters.Count(DropReason reason)
    {
        switch (reason)
        {
            case DropReason.UnprovenAddress:
                StrangersDropped++;
                break;
            case DropReason.StunUsername or DropReason.StunIntegrity:
                StunRejected++;
                break;
            case DropReason.SrtpUnauthentic:
                SrtpUnauthentic++;
                break;
            case DropReason.SrtpReplayed:
                SrtpReplayed++;
                break;
            case DropReason.RtpPadding or DropReason.RtpMid or DropReason.RtpDirection or DropReason.RtpPayloadType
                or DropReason.RedMalformed or DropReason.RtcpMalformed:
                RtpMalformed++;
                break;
            case DropReason.OutputQueueFull:
                OutputsDropped++;
                break;
            case DropReason.AmplificationLimit:
                AmplificationLimited++;
                break;
            case DropReason.NotListening or DropReason.StunUnmatched or DropReason.DtlsUnexpected:
                // Neither a fault of the sender nor of ours: late datagrams of a connection that has moved on.
                break;
            default:
                NoiseDropped++;
                break;
        }
    }
}
