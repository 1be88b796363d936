using System.Buffers;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;
using Bridge.Trail;
using Bridge.Transport;

namespace Bridge.Lab;

/// <summary>
/// A peer that returns the caller's audio and data-channel messages. Echoes leave within the same entry that brought
/// them: what the sink collected is sent as soon as the peer has been drained.
/// </summary>
internal sealed class EchoPeer(MediaEndpoint endpoint, RtcPeer rtc, CallTrail trail) : HostedPeer(endpoint, rtc, trail)
{
    // A client that sends faster than it reads costs itself: beyond this the peer is closed.
    private const long MostPendingBytes = 8 * 1024 * 1024;

    private readonly Queue<Echo> _pending = [];
    private long _pendingBytes;

    /// <summary>Makes an echo on the host's media port.</summary>
    /// <param name="endpoint">The media port.</param>
    /// <param name="name">Stands in the place of a call's id in the log.</param>
    public static EchoPeer Create(MediaEndpoint endpoint, string name = "echo") =>
        endpoint.Create((media, rtc) => new EchoPeer(media, rtc, media.Trails.Of(name)));

    /// <summary>Takes the caller's packets in place of the plain echo; called under the peer's gate, only enqueues.</summary>
    public CallEcho? Path { get; set; }

    /// <summary>Tells of the codec that was agreed on.</summary>
    public string Codec { get; private set; } = "opus";

    /// <summary>Completes when the peer is over.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sends one packet of processed audio.</summary>
    public void SendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker) => SendAudioNow(packet, rtpTimestamp, marker);

    /// <inheritdoc/>
    public override void StateChanged(RtcPeerState state)
    {
        base.StateChanged(state);
        if (state is RtcPeerState.Failed or RtcPeerState.Closed)
        {
            Ended.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public override void AudioNegotiated(in AudioFormat format) => Codec = format.Name;

    /// <inheritdoc/>
    public override void AudioReceived(in RtpPacket packet)
    {
        if (Path is { } path)
        {
            path.Take(packet.Ssrc, packet.Sequence, packet.Timestamp, packet.Payload, packet.Recovered ? null : packet.Level);
        }
        else if (!packet.Payload.IsEmpty)
        {
            Enqueue(Echo.Of(packet.Payload, audio: true, binary: packet.Marker, 0, packet.Timestamp));
        }
    }

    /// <inheritdoc/>
    public override void DtmfReceived(in DtmfEvent digit)
    {
    }

    /// <inheritdoc/>
    public override void ChannelOpened(ushort stream, string label)
    {
    }

    /// <inheritdoc/>
    public override void ChannelClosed(ushort stream)
    {
    }

    /// <inheritdoc/>
    public override void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary) =>
        Enqueue(Echo.Of(message, audio: false, binary, stream, 0));

    /// <inheritdoc/>
    public override void BufferedAmountLow(ushort stream)
    {
    }

    /// <inheritdoc/>
    protected override void Drain(Instant now)
    {
        base.Drain(now);
        if (_pending.Count == 0)
        {
            return;
        }

        while (_pending.TryPeek(out var echo) && TryReturn(now, echo))
        {
            _pending.Dequeue();
            _pendingBytes -= echo.Length;
            ArrayPool<byte>.Shared.Return(echo.Buffer);
        }

        base.Drain(now);
        if (_pendingBytes > MostPendingBytes && !IsClosed)
        {
            _pending.Clear();
            _pendingBytes = 0;
            Ended.TrySetResult();
        }
    }

    private void Enqueue(Echo echo)
    {
        _pending.Enqueue(echo);
        _pendingBytes += echo.Length;
    }

    /// <summary>False when the channel's buffer is full: the echo stays, and the low threshold brings us back.</summary>
    private bool TryReturn(Instant now, Echo echo)
    {
        var bytes = echo.Buffer.AsSpan(0, echo.Length);
        if (!echo.Audio)
        {
            return Rtc.Send(now, echo.Stream, bytes, echo.Binary) != DataSendResult.BufferFull;
        }

        Rtc.TrySendAudio(now, bytes, echo.Timestamp, echo.Binary);
        return true;
    }

    private readonly record struct Echo(byte[] Buffer, int Length, bool Audio, bool Binary, ushort Stream, uint Timestamp)
    {
        public static Echo Of(ReadOnlySpan<byte> bytes, bool audio, bool binary, ushort stream, uint timestamp)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, bytes.Length));
            bytes.CopyTo(buffer);
            return new Echo(buffer, bytes.Length, audio, binary, stream, timestamp);
        }
    }
}
