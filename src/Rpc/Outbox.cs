namespace Bridge.Rpc;

/// <summary>
/// Messages that wait for the port, in order and bounded, and behind them the requests that found no room among them. The
/// peer's lock guards it. A message goes straight to the port while nothing waits and the port is below its high-water mark.
/// </summary>
internal sealed class Outbox(RpcOptions options, RunningClock clock)
{
    private static readonly TimeSpan PollWhileQueued = TimeSpan.FromMilliseconds(10);

    private readonly Queue<byte[]> _queued = new();
    private readonly Queue<PendingRequest> _unsent = new();
    private IMessagePort? _port;

    /// <summary>Number of the attachment: a response never goes out on a later one, where its id means something else.</summary>
    public int Epoch { get; private set; }

    public long QueuedBytes { get; private set; }

    public long MessagesSent { get; private set; }

    public long BytesSent { get; private set; }

    /// <summary>Notifications, responses and progress that found no room.</summary>
    public long Dropped { get; private set; }

    public bool IsAttached => _port is not null;

    public int MaxMessageSize => Math.Min(options.MaxMessageSize, _port?.MaxMessageSize ?? int.MaxValue);

    /// <summary>When to look at the port again, which may have room without having said so.</summary>
    public long NextDue => _queued.Count > 0 || _unsent.Count > 0 ? clock.Now + PollWhileQueued.Ticks : long.MaxValue;

    public void Attach(IMessagePort port)
    {
        _port = port;
        Epoch++;
    }

    public void Detach()
    {
        _port = null;
        Epoch++;
        _queued.Clear();
        _unsent.Clear();
        QueuedBytes = 0;
    }

    /// <summary>
    /// Sends or queues a notification; false when there is no port, no room, or requests wait for room, which none may overtake.
    /// </summary>
    public bool TryNotify(ReadOnlySpan<byte> message) => Sent(_unsent.Count == 0 && Fits(message) && TrySend(message));

    /// <summary>
    /// Sends or queues a response, progress or a message of the protocol. They belong to requests of the other side, so that
    /// requests of ours that wait for room do not hold them up, and as much room again is kept for them.
    /// </summary>
    public bool TryReply(ReadOnlySpan<byte> message) => Sent(Fits(message) && TrySend(message, reserve: options.MaxQueuedBytes));

    /// <summary>
    /// Sends or queues a request behind those that wait already; its <see cref="PendingRequest.Message"/> is kept unchanged, the
    /// message alone is copied.
    /// </summary>
    public bool TryRequest(PendingRequest request, ReadOnlySpan<byte> message)
    {
        if (_unsent.Count > 0 || !(request.Message is { } kept ? TrySend(kept) : TrySend(message)))
        {
            return false;
        }

        request.Stage = RequestStage.Sent;
        Drain();
        return true;
    }

    /// <summary>Lets a request wait for room, in order.</summary>
    public void Enqueue(PendingRequest request) => _unsent.Enqueue(request);

    /// <summary>Gives the port as much as it takes: the queue first, then requests that found no room in it.</summary>
    public void Drain()
    {
        while (_queued.TryPeek(out var message) && TryGive(message))
        {
            _queued.Dequeue();
            QueuedBytes -= message.Length;
        }

        while (_unsent.TryPeek(out var request))
        {
            if (request.Stage == RequestStage.Unsent)
            {
                if (!TrySend(request.Message!))
                {
                    break;
                }

                request.Sent(clock.Now);
            }

            _unsent.Dequeue();
        }

        clock.Arm(NextDue);
    }

    private bool Sent(bool sent)
    {
        if (sent)
        {
            Drain();
        }
        else
        {
            Dropped++;
        }

        return sent;
    }

    private bool Fits(ReadOnlySpan<byte> message) => message.Length <= MaxMessageSize;

    private bool TrySend(ReadOnlySpan<byte> message, long reserve = 0)
    {
        if (TryPass(message))
        {
            return true;
        }

        if (!HasRoom(message.Length - reserve))
        {
            return false;
        }

        Queue(message.ToArray());
        return true;
    }

    private bool TrySend(byte[] kept)
    {
        if (TryPass(kept))
        {
            return true;
        }

        if (!HasRoom(kept.Length))
        {
            return false;
        }

        Queue(kept);
        return true;
    }

    private bool HasRoom(long length) => _port is not null && (_queued.Count == 0 || QueuedBytes + length <= options.MaxQueuedBytes);

    private void Queue(byte[] message)
    {
        _queued.Enqueue(message);
        QueuedBytes += message.Length;
    }

    private bool TryPass(ReadOnlySpan<byte> message) => _queued.Count == 0 && TryGive(message);

    private bool TryGive(ReadOnlySpan<byte> message)
    {
        if (_port is null || _port.BufferedAmount >= options.HighWater || !_port.TrySend(message))
        {
            return false;
        }

        MessagesSent++;
        BytesSent += message.Length;
        return true;
    }
}
