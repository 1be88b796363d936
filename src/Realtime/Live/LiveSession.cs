using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Live;

/// <summary>
/// A session with a full-duplex model (<c>/v1/live/sessions</c>). Open means that the socket is: the first command is
/// <see cref="LiveCommand.Start"/>, and its answer is an event. From <c>session.started</c> on the timeline goes on: where no
/// microphone audio comes, silence is sent. Responses with a tag are asked of the text model.
/// </summary>
public sealed class LiveSession : IModelSession
{
    private readonly ModelSocket _socket;
    private readonly ModelEndpoint _endpoint;
    private readonly TextModel? _textModel;
    private readonly LiveEventReader _reader;
    private readonly SilenceFiller _filler;
    private readonly CancellationTokenSource _over = new();

    // Bounded: when the call does not read, the socket is not read either, and the service feels it.
    private readonly Channel<ModelEvent> _events = Channel.CreateBounded<ModelEvent>(
        new BoundedChannelOptions(4096) { SingleReader = true });

    private long _received;
    private long _malformed;
    private int _disposed;

    private LiveSession(WebSocket socket, ModelEndpoint endpoint, TextModel? textModel, TimeProvider time)
    {
        _endpoint = endpoint;
        _textModel = textModel;
        _reader = new LiveEventReader(time);
        var queue = ModelSocket.Queue(endpoint.AudioBacklog, "session.input_audio.append");
        _socket = new ModelSocket(socket, socket, queue, time, PublishAsync, OnOver);
        _filler = new SilenceFiller(time, pcm => _socket.TryAppendAudio(pcm));
        _socket.Start();
    }

    /// <inheritdoc/>
    public ChannelReader<ModelEvent> Events => _events.Reader;

    /// <summary>Null: <see cref="LiveEvent.SessionStarted"/> reports it.</summary>
    public DateTimeOffset? ExpiresAt => null;

    /// <inheritdoc/>
    public ServerHabits Habits => ServerHabits.NoTruncate | (_textModel is null ? ServerHabits.NoOutOfBand : ServerHabits.None);

    /// <inheritdoc/>
    public ModelSessionEnd? End => _socket.End;

    /// <inheritdoc/>
    public ModelSessionStats Stats => _socket.Stats with
    {
        EventsReceived = Interlocked.Read(ref _received),
        EventsMalformed = Interlocked.Read(ref _malformed),
    };

    /// <summary>Connects; nothing is sent yet.</summary>
    /// <param name="endpoint">Where, as for Realtime: <c>live/sessions</c> is added to its base.</param>
    /// <param name="textModel">Answers what this model can't; null: nothing does.</param>
    /// <param name="time">The host's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelSessionException">The service can't be reached, refuses, or is silent for <see
    /// cref="ModelEndpoint.OpenTimeout"/>.</exception>
    public static async Task<LiveSession> ConnectAsync(
        ModelEndpoint endpoint, TextModel? textModel, TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var timeout = new CancellationTokenSource(endpoint.OpenTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return new LiveSession(await LiveConnection.OpenAsync(endpoint, both.Token).ConfigureAwait(false), endpoint, textModel, time);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelSessionException(
                $"The model at {endpoint.BaseUrl} did not answer within {endpoint.OpenTimeout.TotalSeconds:0.#} s.");
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
    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => _filler.TryAppend(pcm24k);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _filler.DisposeAsync().ConfigureAwait(false);
        await _over.CancelAsync().ConfigureAwait(false);
        if (_socket.End is null)
        {
            // The service then ends it at once, in place of billing until it notices.
            Enqueue(new LiveCommand.Close(), null);
        }

        await _socket.DisposeAsync().ConfigureAwait(false);
        _over.Dispose();
    }

    private bool Enqueue(ModelCommand command, TaskCompletionSource? sent)
    {
        if (_socket.End is not null)
        {
            return false;
        }

        if (command is ModelCommand.CreateResponse { Settings: { Tag: { } tag } settings })
        {
            _ = AskTextModelAsync(tag, settings);
            sent?.TrySetResult();
            return true;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        if (!LiveCommandWriter.TryWrite(buffer, command, _endpoint.Model))
        {
            sent?.TrySetResult();
            return _events.Writer.TryWrite(new ModelEvent.Error(
                "invalid_request_error", "unknown_parameter", $"A full-duplex model has no {command.GetType().Name}.", null, command.Id));
        }

        return MemoryMarshal.TryGetArray(buffer.WrittenMemory, out var utf8) && _socket.TrySend(utf8.Array!, utf8.Count, sent);
    }

    private void OnOver()
    {
        _filler.Stop();
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
        else if (what is LiveEvent.SessionStarted)
        {
            _filler.Start();
        }

        await _events.Writer.WriteAsync(what, cancellation).ConfigureAwait(false);
    }

    private async Task AskTextModelAsync(string tag, ResponseSettings settings)
    {
        var answer = new TextAnswer([], default, "there is no text model");
        try
        {
            // Never from inside the machine's own command.
            await Task.Yield();
            _events.Writer.TryWrite(new ModelEvent.ResponseCreated(tag, tag));
            if (_textModel is { } ask)
            {
                answer = await ask(
                    new TextRequest(
                        settings.Model, settings.Instructions ?? "", settings.Input ?? [], settings.Tools ?? [], settings.MustCall,
                        settings.MaxOutputTokens)
                    {
                        Progress = text => _events.Writer.TryWrite(new LiveEvent.WorkProgressed(tag, text)),
                    },
                    _over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        _events.Writer.TryWrite(new ModelEvent.ResponseDone(
            tag, answer.Failure is null ? "completed" : "failed", answer.Failure, answer.Output, answer.Usage, tag));
    }
}
