using System.Buffers;
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
    private readonly ModelSocket _socket;
    private readonly ModelEndpoint _endpoint;
    private readonly EventReader _reader = new();
    private readonly TaskCompletionSource<ModelEvent> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Bounded: when the call does not read, the socket is not read either, and the service feels it.
    private readonly Channel<ModelEvent> _events = Channel.CreateBounded<ModelEvent>(
        new BoundedChannelOptions(4096) { SingleReader = true });

    private ServerDialect _dialect = new(ServerHabits.None);
    private long _received;
    private long _malformed;

    private OpenAiModelSession(RealtimeSessionClient client, ModelEndpoint endpoint, TimeProvider time)
    {
        _endpoint = endpoint;
        _socket = new ModelSocket(client.WebSocket, client, ModelSocket.Queue(endpoint.AudioBacklog), time, PublishAsync, OnOver);
        _socket.Start();
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
    public ModelSessionEnd? End => _socket.End;

    /// <inheritdoc/>
    public ModelSessionStats Stats => _socket.Stats with
    {
        EventsReceived = Interlocked.Read(ref _received),
        EventsMalformed = Interlocked.Read(ref _malformed),
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
    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => _socket.TryAppendAudio(pcm24k);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private bool Enqueue(ModelCommand command, TaskCompletionSource? sent)
    {
        if (_socket.End is not null)
        {
            return false;
        }

        var fitted = _dialect.Write(command, out var answer);
        if (answer is not null && !_events.Writer.TryWrite(answer))
        {
            _socket.Finish(new ModelSessionEnd(ModelSessionEndKind.Dropped, null, "too many events wait to be read"));
        }

        if (fitted is null)
        {
            sent?.TrySetResult();
            return true;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        CommandWriter.Write(buffer, fitted, _dialect.Habits);
        return MemoryMarshal.TryGetArray(buffer.WrittenMemory, out var utf8) && _socket.TrySend(utf8.Array!, utf8.Count, sent);
    }

    private void OnOver()
    {
        _first.TrySetException(
            new ModelSessionException($"the session ended before it began: {_socket.End?.Kind} {_socket.End?.CloseStatus}"));
        _events.Writer.TryComplete();
    }

    private async ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
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
                _dialect = new ServerDialect(
                    Profile.Habits, created.SessionId, _endpoint.IsProviders ? ServerProfile.OpenAiTranscription : null);
            }

            _first.TrySetResult(what);
        }

        if (_dialect.Read(what, out var more) is { } read)
        {
            await _events.Writer.WriteAsync(read, cancellation).ConfigureAwait(false);
        }

        if (more is not null)
        {
            await _events.Writer.WriteAsync(more, cancellation).ConfigureAwait(false);
        }
    }
}
