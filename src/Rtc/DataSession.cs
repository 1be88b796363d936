using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc;

/// <summary>The SCTP association of a peer, tied to its DTLS connection on one side and to the peer's sink on the other.</summary>
internal sealed class DataSession : ISctpSink
{
    private readonly SctpAssociation _association;
    private readonly IDtlsEngine _dtls;
    private IRtcSink? _sink;
    private Instant _now;

    public DataSession(Instant now, SctpAssociation association, IDtlsEngine dtls)
    {
        _association = association;
        _dtls = dtls;
        _now = now;
    }

    public SctpAssociation Association => _association;

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

    void ISctpSink.Established()
    {
    }

    void ISctpSink.ChannelOpened(ushort stream, DataChannelOptions channel) => _sink!.ChannelOpened(stream, channel.Label);

    void ISctpSink.ChannelClosed(ushort stream) => _sink!.ChannelClosed(stream);

    void ISctpSink.Message(ushort stream, ReadOnlySpan<byte> message, bool binary) => _sink!.MessageReceived(stream, message, binary);

    void ISctpSink.BufferedAmountLow(ushort stream) => _sink!.BufferedAmountLow(stream);

    void ISctpSink.Dropped(DropReason reason, int count, long bytes) => _sink!.Dropped(reason, count, bytes);

    void ISctpSink.Closed(SctpCloseReason reason)
    {
    }
}
