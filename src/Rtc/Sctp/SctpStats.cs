namespace Bridge.Rtc.Sctp;

/// <summary>Counters of one association since its start. They only grow.</summary>
public sealed class SctpStats : IDropCounters
{
    /// <summary>Packets handed to <see cref="ISctpSink.Transmit"/>.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Packets handed to <see cref="SctpAssociation.Receive"/>, whatever became of them.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>Whole user messages delivered.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>User messages taken for sending.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Bytes of user data that the peer has acknowledged.</summary>
    public long BytesAcknowledged { get; internal set; }

    /// <summary>DATA chunks sent again, for whatever reason.</summary>
    public long Retransmissions { get; internal set; }

    /// <summary>DATA chunks found lost by what was acknowledged after them, without waiting for a timeout.</summary>
    public long FastRetransmissions { get; internal set; }

    /// <summary>Probes of the tail: the last chunk sent again early, so that a loss shows before T3 expires.</summary>
    public long TailProbes { get; internal set; }

    /// <summary>T3-rtx expiries.</summary>
    public long Timeouts { get; internal set; }

    /// <summary>Messages given up by partial reliability.</summary>
    public long MessagesAbandoned { get; internal set; }

    /// <summary>DATA chunks that had arrived before.</summary>
    public long DuplicateChunks { get; internal set; }

    /// <summary>INIT chunks received.</summary>
    public long InitsReceived { get; internal set; }

    /// <summary>Packets or chunks that are no SCTP.</summary>
    public long DroppedMalformed { get; internal set; }

    /// <summary>Packets with a wrong CRC32c.</summary>
    public long DroppedChecksum { get; internal set; }

    /// <summary>Packets with a wrong verification tag or port.</summary>
    public long DroppedTag { get; internal set; }

    /// <summary>Cookies that were forged, stale or of another association.</summary>
    public long DroppedCookies { get; internal set; }

    /// <summary>DATA chunks outside of the receive window.</summary>
    public long DroppedOutOfWindow { get; internal set; }

    /// <summary>Answers to control chunks not given because too many were waiting.</summary>
    public long DroppedReplies { get; internal set; }

    /// <summary>Chunks that make no sense in the present state.</summary>
    public long DroppedUnexpected { get; internal set; }

    /// <summary>Messages to a stream without a channel, or with an unknown payload protocol.</summary>
    public long MessagesUnclaimed { get; internal set; }

    /// <summary>Messages longer than we accept; each closed its channel.</summary>
    public long MessagesOversize { get; internal set; }

    /// <summary>Channels refused because too many were open or the OPEN was malformed.</summary>
    public long ChannelsRefused { get; internal set; }

    void IDropCounters.Count(DropReason reason)
    {
        switch (reason)
        {
            case DropReason.SctpMalformed:
                DroppedMalformed++;
                break;
            case DropReason.SctpChecksum:
                DroppedChecksum++;
                break;
            case DropReason.SctpVerificationTag:
                DroppedTag++;
                break;
            case DropReason.SctpCookie:
                DroppedCookies++;
                break;
            case DropReason.SctpWindow:
                DroppedOutOfWindow++;
                break;
            case DropReason.SctpAnswerWaiting:
                DroppedReplies++;
                break;
            case DropReason.MessageUnclaimed:
                MessagesUnclaimed++;
                break;
            case DropReason.MessageTooLong:
                MessagesOversize++;
                break;
            case DropReason.ChannelRefused:
                ChannelsRefused++;
                break;
            default:
                DroppedUnexpected++;
                break;
        }
    }
}
