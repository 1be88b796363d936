using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Trail;

namespace Bridge.Transport;

/// <summary>The peer of a call: <see cref="IMediaPeer"/> over src/Rtc.</summary>
internal sealed class MediaPeer(MediaEndpoint endpoint, RtcPeer rtc, IMediaPeerObserver observer, CallTrail trail)
    : HostedPeer(endpoint, rtc, trail), IMediaPeer
{
    private int _channel = -1;
    private uint? _source;
    private LineLimit _sources;
    private OutgoingShape? _shape;

    /// <inheritdoc/>
    public int MaxMessageSize => Rtc.MaxMessageSize;

    /// <inheritdoc/>
    public long BufferedAmount
    {
        get
        {
            Gate.Enter();
            try
            {
                return IsClosed || _channel < 0 ? 0 : Rtc.BufferedAmount((ushort)_channel);
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <inheritdoc/>
    public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker) => SendAudioNow(packet, rtpTimestamp, marker);

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> utf8) => TrySendMessage(utf8, binary: false);

    /// <inheritdoc/>
    public bool TrySendMessage(ReadOnlySpan<byte> message, bool binary)
    {
        Gate.Enter();
        try
        {
            if (IsClosed || _channel < 0)
            {
                return false;
            }

            var now = Clock.Now;
            try
            {
                var result = Rtc.Send(now, (ushort)_channel, message, binary);
                Drain(now);
                return result == DataSendResult.Queued;
            }
            catch (Exception defect)
            {
                Fail(defect);
                return false;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override void StateChanged(RtcPeerState state)
    {
        base.StateChanged(state);
        observer.PeerStateChanged(this, state);
    }

    /// <inheritdoc/>
    public override void AudioNegotiated(in AudioFormat format)
    {
        Log.AudioNegotiated(Trail.Rtp, Trail.CallId, format.Name, format.ClockRate, format.CanSend, format.CanReceive);
        observer.AudioNegotiated(this, format.Name, format.MaxPacketTime);
    }

    /// <inheritdoc/>
    public override void PathReported(in PathReport report) => _shape = observer.PathReported(this, report);

    /// <inheritdoc/>
    public override void AudioReceived(in RtpPacket packet)
    {
        if (packet.Ssrc != _source)
        {
            _source = packet.Ssrc;
            if (_sources.Takes(packet.Arrival, out var changes))
            {
                Log.SourceHeard(Trail.Rtp, Trail.CallId, packet.Ssrc, changes);
            }
        }

        // A packet taken out of a later one carries the level of that one.
        observer.AudioReceived(
            this, packet.Ssrc, packet.Sequence, packet.Timestamp, packet.Payload, packet.Recovered ? null : packet.Level);
    }

    /// <inheritdoc/>
    public override void DtmfReceived(in DtmfEvent digit) => observer.DtmfReceived(this, digit.Digit);

    /// <inheritdoc/>
    protected override void Drain(Instant now)
    {
        base.Drain(now);
        if (_shape is { } shape && !IsClosed)
        {
            _shape = null;
            Rtc.Shape(now, shape);
        }
    }

    /// <inheritdoc/>
    public override void ChannelOpened(ushort stream, string label)
    {
        // The page opens one channel; any other label is served by nobody and only costs its own buffer.
        if (_channel < 0 && observer.Takes(label))
        {
            _channel = stream;
            Log.ChannelOpened(Trail.Sctp, Trail.CallId, stream);
            observer.PortOpened(this);
        }
    }

    /// <inheritdoc/>
    public override void ChannelClosed(ushort stream)
    {
        if (stream == _channel)
        {
            _channel = -1;
            Log.ChannelClosed(Trail.Sctp, Trail.CallId, stream);
            observer.PortClosed(this);
        }
    }

    /// <inheritdoc/>
    public override void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        if (stream == _channel && !IsClosing)
        {
            observer.MessageReceived(this, message, binary);
        }
    }

    /// <inheritdoc/>
    public override void BufferedAmountLow(ushort stream)
    {
        if (stream == _channel)
        {
            observer.PortWritable(this);
        }
    }
}
