using System.Diagnostics.CodeAnalysis;
using System.Net;
using Bridge.Rtc;
using Bridge.Timing;
using Bridge.Trail;
using Bridge.Transport;
using SIPSorcery.Net;
using SIPSorceryMedia.Abstractions;
using AudioFormat = SIPSorceryMedia.Abstractions.AudioFormat;

namespace Bridge.SipSorcery;

/// <summary>
/// A call's peer over SIPSorcery's <see cref="RTCPeerConnection"/>. Packets go in and out as they are: codecs, playout and packet clock
/// stay the host's. An ICE restart is refused: the library keeps one DTLS association to one route, and the page then connects anew.
/// </summary>
internal sealed class SipSorceryPeer : IMediaPeer
{
    private const int DefaultMaxMessage = 65_536; // RFC 8841 §6, without the attribute
    private const int MaxMessage = 262_144; // SIPSorcery's own bound
    private const int OwnLevelId = 1; // the answer has the offer's in its place
    private const string Digits = "0123456789*#ABCD"; // RFC 4733 §3.2, by event

    private static readonly TimeSpan PacketTime = TimeSpan.FromMilliseconds(20); // the engine reports no path, so that no packet grows

    private readonly SipSorceryNetwork _network;
    private readonly HostClock _clock;
    private readonly IMediaPeerObserver _observer;
    private readonly CallTrail _trail;
    private readonly RTCPeerConnection _connection;
    private readonly SequenceLoss _loss = new();
    private volatile OutgoingMessages? _outgoing;
    private volatile RTCDataChannel? _channel;
    private volatile bool _closed;
    private bool _answered;
    private int _payloadType;
    private int _levelId; // of the header extension with the caller's level; 0 when the offer has none
    private int _maxMessage = DefaultMaxMessage;
    private TimeSpan _began;
    private TimeSpan? _connectTime;
    private uint? _digit;
    private double? _roundTrip;
    private double _remoteLoss;
    private long _packetsReceived;
    private long _packetsSent;
    private long _bytesReceived;
    private long _bytesSent;

    public SipSorceryPeer(SipSorceryNetwork network, HostClock clock, IMediaPeerObserver observer, CallTrail trail)
    {
        _network = network;
        _clock = clock;
        _observer = observer;
        _trail = trail;
        _connection = new RTCPeerConnection(
            new RTCConfiguration { X_ICEIncludeAllInterfaceAddresses = true }, bindPort: 0, portRange: network.Ports);
        _connection.onconnectionstatechange += state => Guarded(() => StateChanged(state));
        _connection.ondatachannel += channel => Guarded(() => Opened(channel));
        _connection.OnRtpPacketReceived += (_, media, packet) => Received(media, packet);
        _connection.OnRtpEvent += (_, keyEvent, header) => Guarded(() => Pressed(keyEvent, header));
        _connection.OnReceiveReport += (_, _, report) => Guarded(() => Reported(report));
    }

    /// <inheritdoc/>
    public int MaxMessageSize => _maxMessage;

    /// <inheritdoc/>
    public long BufferedAmount => _outgoing?.BufferedAmount ?? 0;

    /// <inheritdoc/>
    public MediaPeerStats Stats => new(
        Interlocked.Read(ref _packetsReceived),
        Interlocked.Read(ref _packetsSent),
        Interlocked.Read(ref _bytesReceived),
        Interlocked.Read(ref _bytesSent),
        Rejected: 0,
        _loss.Lost,
        _roundTrip,
        _remoteLoss,
        _connectTime?.TotalMilliseconds);

    /// <inheritdoc/>
    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        answer = null;
        if (_closed || _answered)
        {
            refusal = _closed ? "The connection is closed." : "This engine does not restart a connection: make a new one.";
            return false;
        }

        _answered = true;
        _began = _clock.Elapsed;
        try
        {
            var levels = new Dictionary<int, RTPHeaderExtension> { [OwnLevelId] = new AudioLevelExtension(OwnLevelId) };
            var track = new MediaStreamTrack(SDPMediaTypesEnum.audio, isRemote: false, Formats(offer), headerExtensions: levels);
            _connection.addTrack(track);
            var result = _connection.setRemoteDescription(new RTCSessionDescriptionInit { type = RTCSdpType.offer, sdp = offer });
            if (result != SetDescriptionResultEnum.OK)
            {
                refusal = $"The engine refused the offer: {result}.";
                return false;
            }

            var description = _connection.createAnswer(new RTCAnswerOptions { X_WaitForIceGatheringToComplete = true });
            _connection.setLocalDescription(description).GetAwaiter().GetResult();

            // Levels are read and not written: the library knows none of ours and would announce 0 dBov, the loudest.
            track.HeaderExtensions.Clear();
            _levelId = _connection.AudioStream.RemoteTrack.HeaderExtensions.Values.OfType<AudioLevelExtension>().FirstOrDefault()?.Id ?? 0;
            var format = _connection.AudioStream.GetSendingFormat();
            _payloadType = format.ID;
            foreach (var media in _connection.remoteDescription.sdp.Media)
            {
                if (media.Media == SDPMediaTypesEnum.application && media.MaxMessageSize > 0)
                {
                    _maxMessage = (int)Math.Min(media.MaxMessageSize, MaxMessage);
                }
            }

            var codec = format.Name().ToUpperInvariant() switch { "PCMU" => "PCMU", "PCMA" => "PCMA", _ => "opus" };
            Log.AudioNegotiated(_trail.Rtp, _trail.CallId, codec, format.ClockRate(), true, true);
            _observer.AudioNegotiated(this, codec, PacketTime);
            answer = _network.Announce(description.sdp);
            refusal = null;
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Its parser of SDP throws what its input makes it throw; the exception's text may hold the offer.
            _clock.Guard.Failed("answer of the engine", failure);
            refusal = "The engine could not read the offer.";
            return false;
        }
    }

    /// <inheritdoc/>
    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        refusal = null;
        if (_closed || candidate.Length == 0)
        {
            return true;
        }

        try
        {
            _connection.addIceCandidate(new RTCIceCandidateInit { candidate = candidate, sdpMLineIndex = 0, sdpMid = "0" });
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _clock.Guard.Failed("candidate of the page", failure);
            refusal = "The engine could not read the candidate.";
            return false;
        }
    }

    /// <inheritdoc/>
    public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        if (_closed || _connection.connectionState != RTCPeerConnectionState.connected)
        {
            return false;
        }

        // The library takes arrays alone, and keeps them for its socket.
        _connection.SendRtpRaw(SDPMediaTypesEnum.audio, packet.ToArray(), rtpTimestamp, marker ? 1 : 0, _payloadType);
        Interlocked.Increment(ref _packetsSent);
        Interlocked.Add(ref _bytesSent, packet.Length);
        return true;
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> utf8) => TrySendMessage(utf8, binary: false);

    /// <inheritdoc/>
    public bool TrySendMessage(ReadOnlySpan<byte> message, bool binary) =>
        !_closed && _outgoing is { } outgoing && _connection.sctp.state == RTCSctpTransportState.Connected
        && outgoing.TryAdd(message, binary);

    /// <inheritdoc/>
    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _outgoing?.Dispose();
        _connection.Close("the call let go of it");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _connection.Dispose();
    }

    /// <summary>
    /// The formats of the answer. Opus alone where it is offered: the library ignores the order of an offer and would put G.711 first.
    /// </summary>
    private static List<SDPAudioVideoMediaFormat> Formats(string offer)
    {
        var digits = new SDPAudioVideoMediaFormat(new AudioFormat(126, "telephone-event", 8_000, 1, "0-15"));
        return offer.Contains("opus/48000", StringComparison.OrdinalIgnoreCase)
            ? [new SDPAudioVideoMediaFormat(new AudioFormat(111, "opus", 48_000, 2, "minptime=10;useinbandfec=1")), digits]
            :
            [
                new SDPAudioVideoMediaFormat(SDPWellKnownMediaFormatsEnum.PCMU),
                new SDPAudioVideoMediaFormat(SDPWellKnownMediaFormatsEnum.PCMA),
                digits,
            ];
    }

    private void StateChanged(RTCPeerConnectionState state)
    {
        if (_closed)
        {
            return;
        }

        if (state == RTCPeerConnectionState.connected)
        {
            _connectTime ??= _clock.Elapsed - _began;
        }

        _observer.PeerStateChanged(this, state switch
        {
            RTCPeerConnectionState.connecting => RtcPeerState.Connecting,
            RTCPeerConnectionState.connected => RtcPeerState.Connected,
            RTCPeerConnectionState.disconnected => RtcPeerState.Disconnected,
            RTCPeerConnectionState.failed => RtcPeerState.Failed,
            RTCPeerConnectionState.closed => RtcPeerState.Closed,
            _ => RtcPeerState.New,
        });
        if (state == RTCPeerConnectionState.closed)
        {
            PortGone();
        }
    }

    private void Opened(RTCDataChannel channel)
    {
        // The client opens one channel; any other label is served by nobody.
        if (_closed || _channel is not null || !_observer.Takes(channel.label))
        {
            return;
        }

        _channel = channel;
        OutgoingMessages outgoing = new(
            channel,
            () => _observer.PortWritable(this),
            defect => _clock.Guard.Failed("data channel of the engine", defect));
        _outgoing = outgoing;
        channel.onmessage += (_, protocol, message) => Guarded(() =>
        {
            if (!_closed)
            {
                // An empty message is sent as one zero byte (RFC 8831 §6.6), which the library hands over.
                var binary = protocol is DataChannelPayloadProtocols.WebRTC_Binary or DataChannelPayloadProtocols.WebRTC_Binary_Empty;
                var empty = protocol is DataChannelPayloadProtocols.WebRTC_Binary_Empty or DataChannelPayloadProtocols.WebRTC_String_Empty;
                Interlocked.Add(ref _bytesReceived, message.Length);
                _observer.MessageReceived(this, empty ? [] : message, binary);
            }
        });
        channel.onclose += () => Guarded(PortGone);
        Log.ChannelOpened(_trail.Sctp, _trail.CallId, channel.id ?? 0);
        outgoing.Start();
        _observer.PortOpened(this);
    }

    private void PortGone()
    {
        if (_channel is { } channel)
        {
            _channel = null;
            _outgoing?.Dispose();
            _outgoing = null;
            Log.ChannelClosed(_trail.Sctp, _trail.CallId, channel.id ?? 0);
            _observer.PortClosed(this);
        }
    }

    private void Received(SDPMediaTypesEnum media, RTPPacket packet)
    {
        if (_closed || media != SDPMediaTypesEnum.audio)
        {
            return;
        }

        try
        {
            var header = packet.Header;
            Interlocked.Increment(ref _packetsReceived);
            Interlocked.Add(ref _bytesReceived, packet.Payload.Length);
            _loss.Count(header.SyncSource, header.SequenceNumber);
            _observer.AudioReceived(this, header.SyncSource, header.SequenceNumber, header.Timestamp, packet.Payload, Level(header));
        }
        catch (Exception defect)
        {
            _clock.Guard.Failed("audio of the engine", defect);
        }
    }

    /// <summary>The level beside the payload (RFC 6464 §3): one bit for voice, seven for -dBov. Null when the packet has none.</summary>
    private byte? Level(RTPHeader header)
    {
        if (_levelId != 0)
        {
            // AudioLevelExtension.Unmarshal of 10.0.16 takes every length but the right one and so answers 0.
            foreach (var extension in header.GetHeaderExtensions())
            {
                if (extension.Id == _levelId && extension.Data is [var level])
                {
                    return (byte)(level & 0x7F);
                }
            }
        }

        return null;
    }

    private void Pressed(RTPEvent key, RTPHeader header)
    {
        // Every packet of one key press has one timestamp (RFC 4733 §2.5.1.2).
        if (!_closed && _digit != header.Timestamp && key.EventID < Digits.Length)
        {
            _digit = header.Timestamp;
            _observer.DtmfReceived(this, Digits[key.EventID]);
        }
    }

    private void Reported(RTCPCompoundPacket report)
    {
        var samples = report.ReceiverReport?.ReceptionReports ?? report.SenderReport?.ReceptionReports;
        if (samples is not [var sample, ..])
        {
            return;
        }

        _remoteLoss = sample.FractionLost / 256.0;
        if (sample.LastSenderReportTimestamp != 0)
        {
            // RFC 3550 §6.4.1: now - LSR - DLSR, in 1/65536 s, the middle 32 bits of NTP time.
            var now = (uint)((ulong)((_clock.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds * 65_536) + (2_208_988_800UL << 16));
            var passed = (int)(now - sample.LastSenderReportTimestamp - sample.DelaySinceLastSenderReport);
            _roundTrip = passed is >= 0 and < 60 * 65_536 ? passed / 65.536 : _roundTrip;
        }
    }

    /// <summary>The library's threads call: a defect ends the call that they concern, not them.</summary>
    private void Guarded(Action work) => _clock.Guard.Run("media engine", work);
}
