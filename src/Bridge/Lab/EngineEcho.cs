using System.Collections.Concurrent;
using Bridge.Rtc;
using Bridge.Timing;
using Bridge.Trail;
using Bridge.Transport;

namespace Bridge.Lab;

/// <summary>
/// The lab's echo over <see cref="IMediaPeer"/>, for an engine that is not src/Rtc (<see cref="EchoPeer"/> is the echo of that one). The
/// observer only enqueues: audio of <c>path=rtp</c> apart, what comes back leaves by a task of the pool.
/// </summary>
internal sealed class EngineEcho : IMediaPeerObserver, IDisposable
{
    private const int MaxPendingBytes = 8 * 1024 * 1024;

    private readonly IMediaPeer _peer;
    private readonly CallbackGuard _guard;
    private readonly ConcurrentQueue<(byte[] Message, bool Binary)> _messages = new();
    private int _pendingBytes;
    private int _sending;

    public EngineEcho(MediaPeerFactory peers, CallTrail trail, CallbackGuard guard)
    {
        _guard = guard;
        _peer = peers(this, trail);
    }

    /// <summary>The peer, for its offer.</summary>
    public IMediaPeer Peer => _peer;

    /// <summary>Takes the caller's packets in place of the plain echo.</summary>
    public CallEcho? Path { get; set; }

    /// <summary>The codec that was agreed on.</summary>
    public string Codec { get; private set; } = "opus";

    /// <summary>Completes when the peer is over.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public void Dispose()
    {
        _peer.Dispose();
        Ended.TrySetResult();
    }

    bool IMediaPeerObserver.Takes(string label) => true;

    void IMediaPeerObserver.PeerStateChanged(IMediaPeer peer, RtcPeerState state)
    {
        if (state is RtcPeerState.Failed or RtcPeerState.Closed)
        {
            Ended.TrySetResult();
        }
    }

    void IMediaPeerObserver.AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime) => Codec = codec;

    void IMediaPeerObserver.AudioReceived(
        IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level)
    {
        if (Path is { } path)
        {
            path.Take(source, sequence, timestamp, payload, level);
        }
        else if (!payload.IsEmpty)
        {
            peer.TrySendAudio(payload, timestamp, marker: false);
        }
    }

    void IMediaPeerObserver.DtmfReceived(IMediaPeer peer, char digit)
    {
    }

    void IMediaPeerObserver.PortOpened(IMediaPeer peer)
    {
    }

    void IMediaPeerObserver.PortClosed(IMediaPeer peer)
    {
    }

    void IMediaPeerObserver.MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary)
    {
        if (Interlocked.Add(ref _pendingBytes, message.Length) > MaxPendingBytes)
        {
            // A client that sends faster than it reads costs itself.
            Ended.TrySetResult();
            return;
        }

        _messages.Enqueue((message.ToArray(), binary));
        Schedule();
    }

    void IMediaPeerObserver.PortWritable(IMediaPeer peer) => Schedule();

    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(
        static echo => echo._guard.Run("lab echo", echo.Return), this, preferLocal: false);

    private void Return()
    {
        // One at a time, so that the order stays.
        if (Interlocked.Exchange(ref _sending, 1) == 1)
        {
            return;
        }

        while (_messages.TryPeek(out var next) && _peer.TrySendMessage(next.Message, next.Binary))
        {
            _messages.TryDequeue(out _);
            Interlocked.Add(ref _pendingBytes, -next.Message.Length);
        }

        Volatile.Write(ref _sending, 0);
        if (!_messages.IsEmpty && _peer.BufferedAmount == 0)
        {
            // Came in while the last one was being sent.
            Schedule();
        }
    }
}
