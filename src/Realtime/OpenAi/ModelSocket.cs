using System.Net.WebSockets;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// The WebSocket under a model session: commands and audio leave in one order, messages come in one at a time, and whatever ends
/// it is reported once. Sends and receives from its start on.
/// </summary>
internal sealed class ModelSocket : IAsyncDisposable
{
    private const int CommandBound = 2048;
    private const int MaxMessage = 32 * 1024 * 1024;
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
    private readonly WebSocket _socket;
    private readonly IDisposable _owner;
    private readonly TimeProvider _time;
    private readonly SendQueue _queue;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> _received;
    private readonly Action _over;
    private readonly DelayHistogram _delays = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private volatile ModelSessionEnd? _end;
    private int _disposed;
    private long _sendingSince;
    private long _commandsSent;
    private long _commandsDropped;
    private long _audioSamples;
    private long _appends;
    private long _delayTotal;
    private long _delayMax;

    /// <param name="socket">Open.</param>
    /// <param name="owner">Disposed with this.</param>
    /// <param name="queue">In front of the socket; nothing waits in it.</param>
    /// <param name="time">For stalls and delays.</param>
    /// <param name="received">Takes each message; its memory is good until it returns.</param>
    /// <param name="over">No message follows; <see cref="End"/> is set.</param>
    public ModelSocket(
        WebSocket socket, IDisposable owner, SendQueue queue, TimeProvider time,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> received, Action over)
    {
        _socket = socket;
        _owner = owner;
        _queue = queue;
        _time = time;
        _received = received;
        _over = over;
    }

    /// <summary>Why it ended; null while it lives.</summary>
    public ModelSessionEnd? End => _end;

    /// <summary>The traffic so far; what was received is the session's to count.</summary>
    public ModelSessionStats Stats => new()
    {
        CommandsSent = Interlocked.Read(ref _commandsSent),
        CommandsDropped = Interlocked.Read(ref _commandsDropped),
        AudioSentMilliseconds = Interlocked.Read(ref _audioSamples) / 24,
        AudioDroppedMilliseconds = _queue.DroppedSamples / 24,
        AppendCount = Interlocked.Read(ref _appends),
        AppendDelayTotalMicroseconds = Interlocked.Read(ref _delayTotal),
        AppendDelayP99Microseconds = _delays.Percentile(0.99),
        AppendDelayMaxMicroseconds = Interlocked.Read(ref _delayMax),
    };

    /// <summary>A queue of the usual bounds.</summary>
    public static SendQueue Queue(TimeSpan audioBacklog, string appendType = SendQueue.RealtimeAppend) =>
        new((int)audioBacklog.TotalMilliseconds, CommandBound, appendType);

    /// <summary>Begins to send and to receive.</summary>
    public void Start()
    {
        _receiving = Task.Run(ReceiveAsync);
        _sending = Task.Run(SendLoopAsync);
    }

    /// <summary>Queues a command; false when it has ended, or ends for that.</summary>
    public bool TrySend(byte[] utf8, int length, TaskCompletionSource? sent)
    {
        if (_queue.TryCommand(utf8, length, sent))
        {
            return true;
        }

        Interlocked.Increment(ref _commandsDropped);
        if (_end is null)
        {
            // A command left out would part our view of the conversation from the model's: better a new session.
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, "too many commands waited on a stalled socket"));
        }

        return false;
    }

    /// <inheritdoc cref="IModelSession.TryAppendAudio"/>
    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k)
    {
        // A network that fails without closing the connection shows as a send that does not end.
        var since = Interlocked.Read(ref _sendingSince);
        if (since != 0 && _time.GetElapsedTime(since) > StallLimit)
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, "the socket took nothing for too long"));
        }

        return _end is null && _queue.TryAudio(pcm24k, _time.GetTimestamp());
    }

    /// <summary>It ends for this reason, unless it has ended before.</summary>
    public void Finish(ModelSessionEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null && end.Kind != ModelSessionEndKind.ClosedByServer)
        {
            _socket.Abort();
        }

        _queue.Close();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var closing = _end is null;
        _end ??= new ModelSessionEnd(ModelSessionEndKind.ClosedByUs, null, "closed");
        _queue.Close();
        using var timeout = new CancellationTokenSource(CloseTimeout);
        try
        {
            // Messages queued before the end still go out, then a clean close, for as long as that takes little time.
            await _sending.WaitAsync(timeout.Token).ConfigureAwait(false);
            if (closing && _socket.State == WebSocketState.Open)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
                await _receiving.WaitAsync(timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception
            is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer is gone or slow; the socket is torn down below either way.
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await Task.WhenAll(_receiving, _sending).ConfigureAwait(false);
        _owner.Dispose();
        _ending.Dispose();
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (await _queue.WaitAsync().ConfigureAwait(false))
            {
                while (_queue.TryTake(out var entry))
                {
                    try
                    {
                        Interlocked.Exchange(ref _sendingSince, _time.GetTimestamp());
                        await _socket.SendAsync(entry.Buffer.AsMemory(0, entry.Length), WebSocketMessageType.Text, true,
                            _ending.Token).ConfigureAwait(false);
                        Interlocked.Exchange(ref _sendingSince, 0);
                        Count(entry);
                    }
                    finally
                    {
                        entry.Sent?.TrySetResult();
                        _queue.Return(entry);
                    }
                }
            }
        }
        catch (Exception exception) when (exception
            is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, exception.Message));
        }

        _queue.Close();
        while (_queue.TryTake(out var left))
        {
            left.Sent?.TrySetResult();
        }
    }

    private void Count(in SendQueue.Entry entry)
    {
        if (entry.Samples == 0)
        {
            Interlocked.Increment(ref _commandsSent);
            return;
        }

        var delay = (long)_time.GetElapsedTime(entry.Timestamp).TotalMicroseconds;
        Interlocked.Add(ref _audioSamples, entry.Samples);
        Interlocked.Increment(ref _appends);
        Interlocked.Add(ref _delayTotal, delay);
        _delays.Add(delay);
        if (delay > Interlocked.Read(ref _delayMax))
        {
            Interlocked.Exchange(ref _delayMax, delay);
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await _socket.ReceiveAsync(buffer.AsMemory(length), _ending.Token).ConfigureAwait(false);
                    length += result.Count;
                    if (length == buffer.Length && !result.EndOfMessage)
                    {
                        if (length >= MaxMessage)
                        {
                            throw new WebSocketException(WebSocketError.InvalidMessageType, "a message above 32 MiB");
                        }

                        Array.Resize(ref buffer, buffer.Length * 2);
                    }
                }
                while (!result.EndOfMessage);

                if (result.MessageType == WebSocketMessageType.Close)
                {
                    Finish(new ModelSessionEnd(
                        ModelSessionEndKind.ClosedByServer, (int?)_socket.CloseStatus, _socket.CloseStatusDescription ?? ""));
                    await AnswerCloseAsync().ConfigureAwait(false);
                    break;
                }

                await _received(buffer.AsMemory(0, length), _ending.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception
            is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, exception.Message));
        }

        _over();
    }

    private async Task AnswerCloseAsync()
    {
        if (_socket.State == WebSocketState.CloseReceived)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
        }
    }
}
