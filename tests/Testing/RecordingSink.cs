using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Srtp;

namespace Bridge.Testing;

/// <summary>Keeps what a peer gives out, copied; datagrams go to a callback.</summary>
public sealed class RecordingSink(RecordingSink.Transmitter transmit) : IRtcSink
{
    public delegate void Transmitter(ReadOnlySpan<byte> datagram, Route to);

    public sealed record Audio(
        ushort Sequence, uint Timestamp, uint Ssrc, bool Marker, byte? Level, bool Voice, bool Recovered, Instant Arrival, byte[] Payload);

    public sealed record Message(ushort Stream, bool Binary, byte[] Data);

    public List<RtcPeerState> States { get; } = [];

    public List<AudioFormat> Formats { get; } = [];

    public List<Audio> AudioPackets { get; } = [];

    /// <summary>Told of each report of the path, within <see cref="RtcPeer.Advance"/>.</summary>
    public Action<PathReport>? PathReports { get; set; }

    public List<DtmfEvent> Digits { get; } = [];

    public List<(ushort Stream, string Label)> Opened { get; } = [];

    public List<ushort> Closed { get; } = [];

    public List<Message> Messages { get; } = [];

    public int BufferLows { get; private set; }

    public List<(DropReason Reason, int Count, long Bytes)> Drops { get; } = [];

    public void Transmit(ReadOnlySpan<byte> datagram, Route to) => transmit(datagram, to);

    public void StateChanged(RtcPeerState state) => States.Add(state);

    public void AudioNegotiated(in AudioFormat format) => Formats.Add(format);

    public void AudioReceived(in RtpPacket packet) => AudioPackets.Add(new Audio(
        packet.Sequence, packet.Timestamp, packet.Ssrc, packet.Marker, packet.Level, packet.VoiceActivity, packet.Recovered, packet.Arrival,
        packet.Payload.ToArray()));

    public void PathReported(in PathReport report) => PathReports?.Invoke(report);

    public void DtmfReceived(in DtmfEvent digit) => Digits.Add(digit);

    public void ChannelOpened(ushort stream, string label) => Opened.Add((stream, label));

    public void ChannelClosed(ushort stream) => Closed.Add(stream);

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary) =>
        Messages.Add(new Message(stream, binary, message.ToArray()));

    public void BufferedAmountLow(ushort stream) => BufferLows++;

    /// <summary>The steps of the connection, in order.</summary>
    public List<string> Steps { get; } = [];

    public void RouteSelected(Route route) => Steps.Add($"route {route.Remote}");

    public void IceRestarted() => Steps.Add("ICE restart");

    public void DtlsStarted(DtlsRole role) => Steps.Add($"DTLS {role}");

    public void DtlsConnected(SrtpProfile? profile) => Steps.Add($"DTLS connected {profile}");

    public void AssociationEstablished() => Steps.Add("SCTP established");

    public void AssociationEnded(SctpCloseReason reason) => Steps.Add($"SCTP ended {reason}");

    public void Dropped(DropReason reason, int count, long bytes) => Drops.Add((reason, count, bytes));
}
