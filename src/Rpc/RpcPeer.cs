using System.Collections.Concurrent;
using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>
/// One side of a JSON-RPC 2.0 conversation. Both sides are equal: each asks, answers, notifies, cancels and reports
/// progress, also from inside a handler. It outlives its port: see <see cref="Attach"/>. All members may be called from
/// any thread. docs/rpc.md is the wire contract.
/// </summary>
public sealed partial class RpcPeer : IAsyncDisposable
{
    private static readonly TimeSpan PollWhileQueued = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly RpcOptions _options;
    private readonly TimeProvider _time;
    private readonly RpcJournal _journal;
    private readonly Outbox _outbox;
    private readonly ITimer _timer;
    private readonly ConcurrentDictionary<string, Handler> _handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Handler>.AlternateLookup<ReadOnlySpan<char>> _handlersBySpan;

    private readonly Dictionary<long, OutgoingCall> _outgoing = [];
    private readonly HashSet<string> _outgoingCallIds = new(StringComparer.Ordinal);
    private readonly Queue<OutgoingCall> _unsent = new();
    private readonly Queue<string> _answeredCallIds = new();
    private readonly Dictionary<RpcId, Asker> _askers = [];
    private readonly HashSet<RpcContext> _runs = [];

    private int _epoch;
    private long _lastId;
    private long _retainedBytes;
    private long _received, _receivedBytes, _rejected, _dropped, _timedOut, _askedAgain, _fromJournal;
    private volatile bool _paused;
    private bool _disposed;

    // Running time: a clock that stands still without a port and while paused. Deadlines are in it.
    private long _runningBefore;
    private long _runningSince;
    private bool _running;
    private long _timerDue = long.MaxValue;

    /// <summary>A peer without a port: requests with a call_id wait for one, others fail with <see cref="RpcErrorCode.Disconnected"/>.</summary>
    public RpcPeer(RpcOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _time = time;
        _journal = options.Journal ?? new RpcJournal();
        _outbox = new Outbox(options);
        _handlersBySpan = _handlers.GetAlternateLookup<ReadOnlySpan<char>>();
        _timer = time.CreateTimer(static peer => ((RpcPeer)peer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
                    Rejected = _rejected,
                    Dropped = _dropped,
                    TimedOut = _timedOut,
                    AskedAgain = _askedAgain,
                    AnsweredFromJournal = _fromJournal,
                    OutgoingCalls = _outgoing.Count,
                    IncomingCalls = _runs.Count,
                    QueuedBytes = _outbox.QueuedBytes,
                };
            }
        }
    }

    /// <summary>
    /// Begins to send on a port, in place of the one before it. Unanswered once-only requests are asked again in their
    /// order, and the last answered call_ids are acknowledged again.
    /// </summary>
    public void Attach(IMessagePort port)
    {
        ArgumentNullException.ThrowIfNull(port);
        Detach();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _outbox.Attach(port);
            _epoch++;
            UpdateClock();
            AskAgain();
        }
    }

    /// <summary>The port is gone: once-only requests wait for the next one, others fail with <see cref="RpcErrorCode.Disconnected"/>.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            if (!_outbox.IsAttached)
            {
                return;
            }

            _outbox.Detach();
            _epoch++;
            _askers.Clear();
            UpdateClock();
            _unsent.Clear();
            foreach (var call in _outgoing.Values.Where(call => call.CallId is null).ToArray())
            {
                Fail(call, new RpcException(RpcErrorCode.Disconnected, "The channel to the other side closed."));
            }
        }
    }

    /// <summary>
    /// Stops all deadlines, while the path below is known to be interrupted (ICE disconnected). Takes no lock, so that a
    /// port may call it from under its own; it counts from the timer's next turn on, which is at once.
    /// </summary>
    public void Pause() => Want(paused: true);

    /// <summary>Deadlines run on with the time they had left. Takes no lock, like <see cref="Pause"/>.</summary>
    public void Resume() => Want(paused: false);

    /// <summary>The port has room again (its buffered amount is low). Optional: the peer looks by itself every 10 ms while something waits.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            Drain();
        }
    }

    /// <summary>
    /// Answers a method, as request and as notification. The params are <see cref="JsonValueKind.Undefined"/> when absent.
    /// The result is any value the serializer can write; exceptions become error responses.
    /// </summary>
    public void Handle(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler) => Register(method, handler, once: false);

    /// <summary>
    /// Answers a method at most once per <c>params.callId</c>: the result is kept in the journal until it is acknowledged,
    /// and a repeated request gets it without running the handler again.
    /// </summary>
    public void HandleOnce(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler) => Register(method, handler, once: true);

    /// <summary>Fails what waits with <see cref="RpcErrorCode.Disconnected"/>, cancels what runs, drops what is queued.</summary>
    public ValueTask DisposeAsync()
    {
        RpcContext[] runs;
        lock (_gate)
        {
            if (_disposed)
            {
                return ValueTask.CompletedTask;
            }

            _disposed = true;
            _outbox.Detach();
            _epoch++;
            _askers.Clear();
            _unsent.Clear();
            UpdateClock();
            foreach (var call in _outgoing.Values.ToArray())
            {
                Fail(call, new RpcException(RpcErrorCode.Disconnected, "The call ended."));
            }

            runs = [.. _runs];
        }

        foreach (var run in runs)
        {
            Cancel(run);
        }

        return _timer.DisposeAsync();
    }

    private void Register(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler, bool once)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(handler);
        if (method.StartsWith("$/", StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetByteCount(method) > Envelope.MaxMethodBytes)
        {
            throw new ArgumentException("A method has at most 128 bytes and does not begin with \"$/\".", nameof(method));
        }

        _handlers[method] = new Handler(method, handler, once);
    }

    private void Want(bool paused)
    {
        _paused = paused;
        _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs code of the handler's; called without the lock.</summary>
    private void Cancel(RpcContext run)
    {
        try
        {
            run.Cancel();
        }
        catch (AggregateException exception)
        {
            _options.Fault?.Invoke(run.Method, exception);
        }
    }

    private long RunningTime => _runningBefore + (_running ? Elapsed(_runningSince) : 0);

    private long Elapsed(long since) => _time.GetElapsedTime(since).Ticks;

    private void UpdateClock()
    {
        var run = _outbox.IsAttached && !_paused && !_disposed;
        if (run == _running)
        {
            return;
        }

        _runningBefore = RunningTime;
        _running = run;
        _runningSince = _time.GetTimestamp();
        _timerDue = long.MaxValue;
        if (run)
        {
            Rearm();
        }
    }

    /// <summary>Sets the timer earlier when something is due earlier.</summary>
    private void Arm(long due)
    {
        if (_running && due < _timerDue)
        {
            _timerDue = due;
            var wait = TimeSpan.FromTicks(Math.Max(0, due - RunningTime));
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Rearm()
    {
        var due = long.MaxValue;
        foreach (var call in _outgoing.Values)
        {
            due = Math.Min(due, call.Stage is CallStage.Acknowledged ? call.ResponseDue : Math.Min(call.AckDue, call.ResponseDue));
        }

        foreach (var asker in _askers.Values)
        {
            due = Math.Min(due, asker.NoticeDue);
        }

        if (!_outbox.IsEmpty || _unsent.Count > 0)
        {
            due = Math.Min(due, RunningTime + PollWhileQueued.Ticks);
        }

        Arm(due);
    }

    /// <summary>What is due is done: drain, deadlines of ours, <c>$/received</c> for theirs.</summary>
    private void Tick()
    {
        try
        {
            lock (_gate)
            {
                UpdateClock();
                _timerDue = long.MaxValue;
                if (!_running)
                {
                    return;
                }

                Drain();
                var now = RunningTime;
                List<OutgoingCall>? late = null;
                foreach (var call in _outgoing.Values)
                {
                    if (now >= call.ResponseDue || (now >= call.AckDue && call.Stage != CallStage.Acknowledged))
                    {
                        (late ??= []).Add(call);
                    }
                }

                foreach (var call in late ?? [])
                {
                    TimeOut(call);
                }

                foreach (var asker in _askers.Values)
                {
                    if (now >= asker.NoticeDue)
                    {
                        SendReceived(asker);
                    }
                }

                Rearm();
            }
        }
        catch (Exception exception)
        {
            // A port that throws must not take the process down from a timer's thread.
            _options.Fault?.Invoke("$/tick", exception);
        }
    }

    private sealed record Handler(string Method, Func<JsonElement, RpcContext, ValueTask<object?>> Run, bool Once);
}
