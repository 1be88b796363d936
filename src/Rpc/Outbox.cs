namespace Bridge.Rpc;

/// <summary>
/// What waits for the port, in order and bounded. Not thread-safe: the peer's lock guards it. A message goes straight to
/// the port while nothing waits and the port is below its high-water mark.
/// </summary>
internal sealed class Outbox(RpcOptions options)
{
    private readonly Queue<byte[]> _waiting = new();
    private IMessagePort? _port;

    public long QueuedBytes { get; private set; }

    public long MessagesSent { get; private set; }

    public long BytesSent { get; private set; }

    public bool IsEmpty => _waiting.Count == 0;

    public bool IsAttached => _port is not null;

    public int MaxMessageSize => Math.Min(options.MaxMessageSize, _port?.MaxMessageSize ?? int.MaxValue);

    public void Attach(IMessagePort port)
    {
        Detach();
        _port = port;
    }

    public void Detach()
    {
        _port = null;
        _waiting.Clear();
        QueuedBytes = 0;
    }

    /// <summary>Sends or queues a copy; false when there is no port or no room. <paramref name="reserve"/>: bytes it may use beyond the bound.</summary>
    public bool TrySend(ReadOnlySpan<byte> message, long reserve = 0)
    {
        if (TryPass(message))
        {
            return true;
        }

        if (!HasRoom(message.Length - reserve))
        {
            return false;
        }

        Enqueue(message.ToArray());
        return true;
    }

    /// <summary>Sends or queues a message that the caller keeps unchanged; false when there is no port or no room.</summary>
    public bool TrySend(byte[] message)
    {
        if (TryPass(message))
        {
            return true;
        }

        if (!HasRoom(message.Length))
        {
            return false;
        }

        Enqueue(message);
        return true;
    }

    /// <summary>Gives the port as much as it takes.</summary>
    public void Flush()
    {
        while (_waiting.TryPeek(out var message) && TryGive(message))
        {
            _waiting.Dequeue();
            QueuedBytes -= message.Length;
        }
    }

    private bool HasRoom(long length) => _port is not null && (_waiting.Count == 0 || QueuedBytes + length <= options.MaxQueuedBytes);

    private void Enqueue(byte[] message)
    {
        _waiting.Enqueue(message);
        QueuedBytes += message.Length;
    }

    private bool TryPass(ReadOnlySpan<byte> message) => _waiting.Count == 0 && TryGive(message);

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
