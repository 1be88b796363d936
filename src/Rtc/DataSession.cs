using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Sdp;

namespace Bridge.Rtc;

/// <summary>The SCTP association of a peer, tied to its DTLS connection on one side and to the peer's sink on the other.</summary>
internal sealed class DataSession : ISctpSink
{
    // Bytes that may wait in the send buffer, over all channels: sixteen of the largest messages.
    private const int SendBufferSize = 4 * 1024 * 1024;

    private readonly SctpAssociation _association;
    private readonly IDtlsEngine _dtls;
    private IRtcSink? _sink;
    private Instant _now;

    private DataSession(Instant now, SctpAssociation association, IDtlsEngine dtls)
    {
        _association = association;
        _dtls = dtls;
        _now = now;
    }

    public SctpAssociation Association => _association;

    /// <summary>Makes the association of what was agreed on; the DTLS client begins its handshake.</summary>
    public static DataSession Start(Instant now, IEntropy entropy, RtcPeerOptions options, DataTerms terms, DtlsRole role, IDtlsEngine dtls)
    {
        // DTLS adds a 13-byte record header, an 8-byte explicit nonce and a 16-byte tag.
        const int DtlsOverhead = 37;
        var association = new SctpAssociation(now, entropy, new SctpOptions
        {
            IsDtlsClient = role == DtlsRole.Client,
            RemotePort = terms.SctpPort,
            MaxPacketSize = (options.Mtu - DtlsOverhead) & ~3,
            MaxSendMessageSize = terms.MaxMessageSize,
            MaxReceiveMessageSize = options.MaxMessageSize,
            SendBufferSize = SendBufferSize,
            MaxChannels = options.MaxChannels,
        });
        if (role == DtlsRole.Client)
        {
            association.Connect(now);
        }
        else
        {
            association.Await(now);
        }

        return new DataSession(now, association, dtls);
    }

    /// <summary>Sends a HEARTBEAT at once and gives its secret; null when the association is not established.</summary>
    public ulong? Challenge(Instant now)
    {
        _now = now;
        return _association.SendHeartbeat(now, this);
    }

    /// <summary>Runs the association; its packets go into DTLS, its events to the sink.</summary>
    public Deadline Advance(Instant now, IRtcSink sink)
    {
        _now = now;
        _sink = sink;
        try
        {
            return _association.Advance(now, this);
        }
        finally
        {
            _sink = null;
        }
    }

    void ISctpSink.Transmit(ReadOnlySpan<byte> packet) => _dtls.TrySend(_now, packet);

    void ISctpSink.Established() => _sink!.AssociationEstablished();

    void ISctpSink.ChannelOpened(ushort stream, DataChannelOptions channel) => _sink!.ChannelOpened(stream, channel.Label);

    void ISctpSink.ChannelClosed(ushort stream) => _sink!.ChannelClosed(stream);

    void ISctpSink.Message(ushort stream, ReadOnlySpan<byte> message, bool binary) => _sink!.MessageReceived(stream, message, binary);

    void ISctpSink.BufferedAmountLow(ushort stream) => _sink!.BufferedAmountLow(stream);

    void ISctpSink.Dropped(DropReason reason, int count, long bytes) => _sink!.Dropped(reason, count, bytes);

    void ISctpSink.Closed(SctpCloseReason reason) => _sink!.AssociationEnded(reason);
}
