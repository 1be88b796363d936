using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Bridge.Realtime.Model;
using OpenAI.Realtime;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// A session with an OpenAI-compatible realtime model. The OpenAI package makes the connection (address, authentication,
/// subprotocol); the messages go over its WebSocket directly, because its typed calls cost garbage per 20 ms frame and its
/// receive loop ends silently or throws on faults this class has to survive (docs/conversation.md has the figures).
/// </summary>
public sealed class OpenAiModelSession : IModelSession
{
    private const int CommandBound = 2048;
    private const int MaxMessage = 32 * 1024 * 1024;
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
    private readonly RealtimeSessionClient _client;
    private readonly WebSocket _socket;
    private readonly TimeProvider _time;
    private readonly ModelEndpoint _endpoint;
    private readonly SendQueue _queue;
    private readonly EventReader _reader = new();
    private readonly DelayHistogram _delays = new();
    private readonly TaskCompletionSource<ModelEvent> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();

    // Bounded: when the call does not read, the socket is not read either, and the service feels it.
    private readonly Channel<ModelEvent> _events = Channel.CreateBounded<ModelEvent>(
        new BoundedChannelOptions(4096) { SingleReader = true });

    private ServerDialect _dialect = new(ServerHabits.None);
    private readonly Task _receiving;
    private readonly Task _sending;
    private volatile ModelSessionEnd? _end;
    private int _disposed;
    private long _sendingSince;
    private long _received;
    private long _malformed;
    private long _commandsSent;
    private long _commandsDropped;
    private long _audioSamples;
    private long _appends;
    private long _delayTotal;
    private long _delayMax;

    private OpenAiModelSession(RealtimeSessionClient client, ModelEndpoint endpoint, TimeProvider time)
    {
        _client = client;
        _socket = client.WebSocket;
        _time = time;
        _endpoint = endpoint;
        _queue = new SendQueue((int)endpoint.AudioBacklog.TotalMilliseconds, CommandBound);
        _receiving = Task.Run(ReceiveAsync);
        _sending = Task.Run(SendLoopAsync);
    }

    /// <inheritdoc/>
    public ChannelReader<ModelEvent> Events => _events.Reader;

    /// <inheritdoc/>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Which kind of server it is; known once the session is open.</summary>
    public ServerProfile Profile { get; private set; } = ServerProfile.Auto;

    /// <inheritdoc/>
    public ServerHabits Habits => _dialect.Habits;

    /// <inheritdoc/>
    public ModelSessionEnd? End => _end;

    /// <inheritdoc/>
    public ModelSessionStats Stats => new()
    {
        EventsReceived = Interlocked.Read(ref _received),
        EventsMalformed = Interlocked.Read(ref _malformed),
        CommandsSent = Interlocked.Read(ref _commandsSent),
        CommandsDropped = Interlocked.Read(ref _commandsDropped),
        AudioSentMilliseconds = Interlocked.Read(ref _audioSamples) / 24,
        AudioDroppedMilliseconds = _queue.DroppedSamples / 24,
        AppendCount = Interlocked.Read(ref _appends),
        AppendDelayTotalMicroseconds = Interlocked.Read(ref _delayTotal),
        AppendDelayP99Microseconds = _delays.Percentile(0.99),
        AppendDelayMaxMicroseconds = Interlocked.Read(ref _delayMax),
    };

    /// <summary>
    /// Connects and waits for session.created. Throws <see cref="ModelSessionException"/> when the service can't be
    /// reached, refuses, or is silent for <see cref="ModelEndpoint.OpenTimeout"/>.
    /// </summary>
    public static async Task<OpenAiModelSession> ConnectAsync(ModelEndpoint endpoint, TimeProvider time, CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(endpoint.OpenTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        OpenAiModelSession? session = null;
        try
        {
            var client = await ModelConnection.StartAsync(endpoint, both.Token).ConfigureAwait(false);
            session = new OpenAiModelSession(client, endpoint, time);
            var first = await session._first.Task.WaitAsync(both.Token).ConfigureAwait(false);
            if (first is ModelEvent.Error error)
            {
                throw new ModelSessionException($"The model at {endpoint.BaseUrl} refused the session: {error.Code ?? error.Type}.")
                {
                    IsFinal = FinalErrors.Contains(error.Code),
                    IsBusy = error.Code == "session_limit_reached",
                };
            }

            return session;
        }
        catch (Exception exception)
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw exception switch
            {
                ModelSessionException => exception,
                OperationCanceledException => new ModelSessionException($"The model at {endpoint.BaseUrl} did not answer within {endpoint.OpenTimeout.TotalSeconds:0.#} s."),
                _ => new ModelSessionException($"The model at {endpoint.BaseUrl} can't be reached: {exception.Message}", exception)
                {
                    IsFinal = ModelConnection.StatusOf(exception) is { } status && FinalErrors.ContainsStatus(status),
                },
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Enqueue(command, sent))
        {
            await sent.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public bool TrySend(ModelCommand command) => Enqueue(command, null);

    /// <inheritdoc/>
    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k)
    {
        // A network that died without a word shows as a send that does not end.
        var since = Interlocked.Read(ref _sendingSince);
        if (since != 0 && _time.GetElapsedTime(since) > StallLimit)
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, "the socket took nothing for too long"));
        }

        return _end is null && _queue.TryAudio(pcm24k, _time.GetTimestamp());
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
            // What was queued before the end still goes out, then a clean close, for as long as that takes little time.
            await _sending.WaitAsync(timeout.Token).ConfigureAwait(false);
            if (closing && _socket.State == WebSocketState.Open)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
                await _receiving.WaitAsync(timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer is gone or slow; the socket is torn down below either way.
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await Task.WhenAll(_receiving, _sending).ConfigureAwait(false);
        _client.Dispose();
        _ending.Dispose();
    }

    private bool Enqueue(ModelCommand command, TaskCompletionSource? sent)
    {
        if (_end is not null)
        {
            return false;
        }

        var fitted = _dialect.Write(command, out var answer);
        if (answer is not null && !_events.Writer.TryWrite(answer))
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, "too many events wait to be read"));
        }

        if (fitted is null)
        {
            sent?.TrySetResult();
            return true;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        CommandWriter.Write(buffer, fitted, _dialect.Habits);
        if (MemoryMarshal.TryGetArray(buffer.WrittenMemory, out var utf8) && _queue.TryCommand(utf8.Array!, utf8.Count, sent))
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

    private void Finish(ModelSessionEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null && end.Kind != ModelSessionEndKind.ClosedByServer)
        {
            _socket.Abort();
        }

        _queue.Close();
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
                        await _socket.SendAsync(entry.Buffer.AsMemory(0, entry.Length), WebSocketMessageType.Text, true, _ending.Token).ConfigureAwait(false);
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
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
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

                await PublishAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, exception.Message));
        }

        _first.TrySetException(new ModelSessionException($"the session ended before it began: {_end?.Kind} {_end?.CloseStatus}"));
        _events.Writer.TryComplete();
    }

    private async Task AnswerCloseAsync()
    {
        if (_socket.State == WebSocketState.CloseReceived)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask PublishAsync(ReadOnlyMemory<byte> message)
    {
        var what = _reader.Read(message);
        Interlocked.Increment(ref _received);
        if (what is ModelEvent.Malformed)
        {
            Interlocked.Increment(ref _malformed);
        }
        else if (what is ModelEvent.SessionCreated or ModelEvent.Error && !_first.Task.IsCompleted)
        {
            if (what is ModelEvent.SessionCreated created)
            {
                ExpiresAt = created.ExpiresAt;
                Profile = _endpoint.Profile.Resolve(created.LooksLike, _endpoint.IsProviders);
                _dialect = new ServerDialect(Profile.Habits);
            }

            _first.TrySetResult(what);
        }

        if (_dialect.Read(what, out var more) is { } read)
        {
            await _events.Writer.WriteAsync(read, _ending.Token).ConfigureAwait(false);
        }

        if (more is not null)
        {
            await _events.Writer.WriteAsync(more, _ending.Token).ConfigureAwait(false);
        }
    }
}
