using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>
/// One side of a JSON-RPC 2.0 conversation. Both sides are equal: each sends requests, answers, notifies, cancels and reports
/// progress, also from inside a handler. It outlives its port: see <see cref="Attach"/>. All members may be called from
/// any thread. docs/rpc.md is the wire contract.
/// </summary>
public sealed class RpcPeer : IAsyncDisposable
{
    private const int MaxCallIdLength = 256;

    // It guards the clock, the outbox and the requests of both sides. Code of handlers, callers and progress receivers runs outside it.
    private readonly Lock _gate = new();
    private readonly RpcOptions _options;
    private readonly RunningClock _clock;
    private readonly Outbox _outbox;
    private readonly OutgoingRequests _outgoing;
    private readonly IncomingRequests _incoming;
    private readonly MethodTable _handlers = new();
    private readonly Dispatcher _dispatcher;
    private readonly Action<object?, CancellationToken> _abandon;
    private long _received;
    private long _receivedBytes;
    private long _faults;
    private volatile bool _paused;
    private bool _disposed;

    /// <summary>
    /// A peer without a port: requests with a call_id wait for one, others fail with <see cref="RpcErrorCode.Disconnected"/>.
    /// </summary>
    public RpcPeer(RpcOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _clock = new RunningClock(time, Tick);
        _outbox = new Outbox(options, _clock);
        _outgoing = new OutgoingRequests(options, _outbox, _clock);
        _incoming = new IncomingRequests(options, _outbox, _clock);
        _dispatcher = new Dispatcher(this, _gate, options, _handlers, _outgoing, _incoming);
        _abandon = Abandon;
    }

    /// <summary>Counters, for metrics.</summary>
    public RpcStats Stats
    {
        get
        {
            lock (_gate)
            {
                return new RpcStats
                {
                    MessagesSent = _outbox.MessagesSent,
                    BytesSent = _outbox.BytesSent,
                    MessagesReceived = _received,
                    BytesReceived = _receivedBytes,
                    Rejected = _incoming.Rejected + _outgoing.Unmatched,
                    Faults = Interlocked.Read(ref _faults),
                    Dropped = _outbox.Dropped,
                    TimedOut = _outgoing.TimedOut,
                    Resent = _outgoing.Resent,
                    PendingRequests = _outgoing.Count,
                    IncomingRequests = _incoming.Count,
                    QueuedBytes = _outbox.QueuedBytes,
                };
            }
        }
    }

    /// <summary>
    /// Begins to send on a port, in place of the one before it. Unanswered once-only requests are sent again in their
    /// order, and the last call_ids that were acknowledged are acknowledged again.
    /// </summary>
    public void Attach(IMessagePort port)
    {
        ArgumentNullException.ThrowIfNull(port);
        lock (_gate)
        {
            LeavePort();
            ObjectDisposedException.ThrowIf(_disposed, this);
            _outbox.Attach(port);
            UpdateClock();
            _outgoing.Resend();
        }
    }

    /// <summary>
    /// The port is gone: once-only requests wait for the next one, others fail with <see cref="RpcErrorCode.Disconnected"/>.
    /// </summary>
    public void Detach()
    {
        lock (_gate)
        {
            LeavePort();
        }
    }

    /// <summary>
    /// Stops all deadlines, while the path below is known to be interrupted (ICE disconnected). Takes no lock, so that a
    /// port may call it from under its own; it counts from the timer's next turn on, which is at once.
    /// </summary>
    public void Pause() => Want(paused: true);

    /// <summary>Deadlines run on with the time they had left. Takes no lock, like <see cref="Pause"/>.</summary>
    public void Resume() => Want(paused: false);

    /// <summary>
    /// The port has room again (its buffered amount is low). Optional: the peer looks by itself every 10 ms while something
    /// waits.
    /// </summary>
    public void Flush()
    {
        lock (_gate)
        {
            _outbox.Drain();
        }
    }

    /// <summary>
    /// Answers a method, as request and as notification. The params are <see cref="JsonValueKind.Undefined"/> when absent.
    /// The result is any value the serializer can write; exceptions become error responses.
    /// </summary>
    public void Handle(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Add(new MethodHandler(method, handler));
    }

    /// <summary>
    /// Sends a request and waits for its result. Throws <see cref="RpcException"/> with the other side's error, or a timeout,
    /// disconnect, too large, duplicate or overload of ours; <see cref="OperationCanceledException"/> when cancelled here,
    /// in which case the other side is told.
    /// </summary>
    public Task<JsonElement> RequestAsync(
        string method, object? parameters, RpcRequestOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        if (options?.CallId is { Length: 0 or > MaxCallIdLength })
        {
            throw new ArgumentException($"A call_id has 1 to {MaxCallIdLength} characters.", nameof(options));
        }

        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<JsonElement>(cancellation);
        }

        PendingRequest request;
        lock (_gate)
        {
            var refusal = _disposed
                ? new RpcException(RpcErrorCode.Disconnected, "The call ended.")
                : _outgoing.Refusal(options?.CallId);
            if (refusal is not null)
            {
                return Task.FromException<JsonElement>(refusal);
            }

            request = _outgoing.Add(method, options);
        }

        using var writer = MessageWriter.Rent();
        try
        {
            RequestWriter.Write(writer, request, parameters, _options.Serializer);
            if (cancellation.CanBeCanceled)
            {
                request.Registration = cancellation.UnsafeRegister(_abandon, request);
            }

            lock (_gate)
            {
                _outgoing.Send(request, writer.Written);
            }
        }
        catch
        {
            lock (_gate)
            {
                _outgoing.Remove(request);
            }

            throw;
        }

        return request.Task;
    }

    /// <summary>
    /// Tells without an answer. False when there is no port, no room, or the message is too large: it is then dropped and
    /// counted.
    /// </summary>
    public bool Notify(string method, object? parameters)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        using var writer = MessageWriter.Rent();
        writer.Notification(method);
        if (parameters is not null)
        {
            writer.Raw(",\"params\":"u8).Value(parameters, _options.Serializer);
        }

        writer.Raw("}"u8);
        lock (_gate)
        {
            return _outbox.TryNotify(writer.Written);
        }
    }

    /// <summary>
    /// Takes one message from the port. Handlers start here, in order of arrival, on this thread: up to their first await
    /// they must be short. Never throws on what the other side sent.
    /// </summary>
    public void Receive(ReadOnlySpan<byte> message)
    {
        int epoch;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _received++;
            _receivedBytes += message.Length;
            epoch = _outbox.Epoch;
        }

        _dispatcher.Dispatch(epoch, message);
    }

    /// <summary>Fails what waits with <see cref="RpcErrorCode.Disconnected"/>, cancels what runs, drops what is queued.</summary>
    public ValueTask DisposeAsync()
    {
        RpcContext[] running;
        lock (_gate)
        {
            if (_disposed)
            {
                return ValueTask.CompletedTask;
            }

            _disposed = true;
            _outbox.Detach();
            _incoming.Forget();
            UpdateClock();
            _outgoing.FailAll();
            running = _incoming.Running;
        }

        foreach (var context in running)
        {
            _dispatcher.Cancel(context);
        }

        return _clock.DisposeAsync();
    }

    internal bool SendProgress(RpcContext context, JsonElement token, object? value)
    {
        using var writer = MessageWriter.Rent();
        writer.Notification("$/progress").Raw(",\"params\":{\"token\":"u8).Value(token, _options.Serializer);
        writer.Raw(",\"value\":"u8).Value(value, _options.Serializer).Raw("}}"u8);
        lock (_gate)
        {
            return _incoming.TryProgress(context, writer.Written);
        }
    }

    /// <summary>Counts an exception that foreign code let out, and reports it to the host.</summary>
    internal void Fault(string method, Exception exception)
    {
        Interlocked.Increment(ref _faults);
        _options.Fault?.Invoke(method, exception);
    }

    private void LeavePort()
    {
        if (_outbox.IsAttached)
        {
            _outbox.Detach();
            _incoming.Forget();
            UpdateClock();
            _outgoing.FailUnrepeatable();
        }
    }

    private void Want(bool paused)
    {
        _paused = paused;
        _clock.FireNow();
    }

    private void Abandon(object? request, CancellationToken token)
    {
        lock (_gate)
        {
            _outgoing.Abandon((PendingRequest)request!, token);
        }
    }

    private void UpdateClock()
    {
        if (_clock.Run(_outbox.IsAttached && !_paused && !_disposed))
        {
            Rearm();
        }
    }

    private void Rearm() => _clock.Arm(Math.Min(_outbox.NextDue, Math.Min(_outgoing.NextDue, _incoming.NextDue)));

    /// <summary>Does what is due: sending what waits, deadlines of our requests, <c>$/received</c> for theirs.</summary>
    private void Tick()
    {
        try
        {
            lock (_gate)
            {
                UpdateClock();
                _clock.Fired();
                if (_clock.IsRunning)
                {
                    _outbox.Drain();
                    _outgoing.TimeOutLate();
                    _incoming.SendDueNotices();
                    Rearm();
                }
            }
        }
        catch (Exception exception)
        {
            // A port that throws must not take the process down from a timer's thread.
            Fault("$/tick", exception);
        }
    }
}
