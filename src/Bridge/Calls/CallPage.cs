using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Rpc;
using Bridge.Signaling;
using Bridge.Store;
using Bridge.Tools;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// The page of one call over its data channel: JSON-RPC both ways (docs/rpc.md). Outlives channels; after a reload the
/// page says hello again and is told what it missed.
/// </summary>
internal sealed class CallPage : IAsyncDisposable
{
    private const int LongestText = 8_000;
    private const int InboxMessages = 4_096;
    private const int InboxBytes = 16 * 1024 * 1024;

    // Text and images stay in memory as long as the call; an image of the SDK has some 100,000 characters.
    private const int MostGiven = 16_000_000;
    private const int GivenOverhead = 500;

    // Half of a message: the rest is for what else hello answers, and for ports that take less.
    private const int RetoldBytes = 128 * 1024;
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    // Messages are counted, and have bounds; what tells of the port itself is never left out.
    private readonly Channel<InboxEntry> _inbox = Channel.CreateUnbounded<InboxEntry>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });
    private readonly Dictionary<string, object> _transcript = [];
    private readonly List<string> _transcriptOrder = [];
    private readonly Lock _gate = new();
    private readonly RpcPeer _rpc;
    private readonly Call _call;
    private readonly ModelTrace _trace;
    private readonly HandlerDefects _defects = new();
    private readonly Task _reading;
    private IMediaPeer? _port;
    private int _waiting;
    private int _waitingBytes;
    private int _given;
    private string _state = "connecting";

    public CallPage(Call call, ModelTrace trace, TimeProvider time, ILogger logger)
    {
        _call = call;
        _trace = trace;
        _rpc = new RpcPeer(
            new RpcOptions { Fault = (method, defect) => _defects.Tell(logger, call.Id, method, defect) },
            time);
        Handle("page/hello", HelloAsync);
        Handle("page/text", p => call.PostAsync(new TurnInput.PageText(Given(PageParams.Text(p, "text", LongestText)))));
        Handle("page/image", Image);
        Handle("page/interrupt", _ => call.PostAsync(new TurnInput.PageInterrupt()));
        Handle("page/mute", p => call.PostAsync(new TurnInput.PageMute(PageParams.Flag(p, "muted"))));
        Handle("page/pushToTalk", p => call.PostAsync(new TurnInput.PushToTalk(PageParams.Flag(p, "down"))));
        Handle("page/speech", p => call.PostAsync(new TurnInput.PageSpeech(PageParams.Flag(p, "active"))));
        Handle("page/hangup", _ => call.PostAsync(new TurnInput.HangUpRequested(CallEnd.Hangup)));
        Handle("page/tool/cancel", p => call.PostAsync(new TurnInput.PageToolCancelled(PageParams.Text(p, "callId", 128))));
        Handle("page/playout", Playout);
        Handle("page/inspect", Inspect);
        _reading = ReadInboxAsync();
    }

    /// <summary>The RPC peer, for tools.</summary>
    public RpcPeer Rpc => _rpc;

    /// <summary>A data channel opened.</summary>
    public void Attach(IMediaPeer port) => Enqueue(new InboxEntry(InboxKind.Attached, port, null, 0));

    /// <summary>A data channel closed.</summary>
    public void Detach(IMediaPeer port) => Enqueue(new InboxEntry(InboxKind.Detached, port, null, 0));

    /// <summary>The channel's buffer drained.</summary>
    public void Writable(IMediaPeer port) => Enqueue(new InboxEntry(InboxKind.Writable, port, null, 0));

    /// <summary>A message came in; copied, handled on the pool.</summary>
    public void Receive(IMediaPeer port, ReadOnlySpan<byte> message)
    {
        if (Volatile.Read(ref _waiting) >= InboxMessages || Volatile.Read(ref _waitingBytes) >= InboxBytes)
        {
            // A page that sends faster than anything can read has lost its channel's order: it starts over. Not here, where
            // the port is in the middle of handing over what it received.
            ThreadPool.UnsafeQueueUserWorkItem(static port => port.Close(), port, preferLocal: false);
            return;
        }

        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, message.Length);
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        Enqueue(new InboxEntry(InboxKind.Message, port, copy, message.Length));
    }

    /// <summary>The connection is interrupted or back: deadlines of requests stand still meanwhile.</summary>
    public void PathInterrupted(bool interrupted)
    {
        if (interrupted)
        {
            _rpc.Pause();
        }
        else
        {
            _rpc.Resume();
        }
    }

    public void ShowInfo() => _rpc.Notify("call/info", new { callId = _call.Id, role = Info(_call.Role), model = _call.Model });

    public void ShowState(CallState state)
    {
        _state = JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
        _rpc.Notify("call/state", new { state = _state });
    }

    public void ShowTranscript(TranscriptLine line)
    {
        var shown = new
        {
            itemId = line.ItemId,
            previousItemId = line.PreviousItemId,
            speaker = line.Speaker == Speaker.User ? "user" : "agent",
            text = line.Text,
            final = line.Final,
            interrupted = line.Interrupted,
            heard = line.HeardLength,
        };
        lock (_gate)
        {
            if (!_transcript.ContainsKey(line.ItemId))
            {
                _transcriptOrder.Add(line.ItemId);
            }

            _transcript[line.ItemId] = shown;
        }

        _rpc.Notify("call/transcript", shown);
    }

    public void WithdrawTranscript(string itemId)
    {
        lock (_gate)
        {
            _transcript.Remove(itemId);
            _transcriptOrder.Remove(itemId);
        }

        _rpc.Notify("call/transcript", new { itemId, withdrawn = true });
    }

    public void ShowRecap(string markdown) => _rpc.Notify("call/recap", new { markdown });

    public void ShowNote(CallNote note) => _rpc.Notify("call/note", new { id = note.Id, title = note.Title, text = note.Text });

    public void ShowMetrics(object? timings)
    {
        if (timings is not null)
        {
            _rpc.Notify("call/metrics", timings);
        }
    }

    /// <summary>One step between host and model; only a page that asked for them is told.</summary>
    public void ShowModelStep(ModelStep step) => _rpc.Notify("call/event", step);

    public void AskPlayout() => _rpc.Notify("call/playout", new { });

    /// <summary>
    /// Tells the page that the call is over and waits until it knows: the channel is ordered, so that its answer also
    /// proves the recap's arrival. A page that is gone is not waited for.
    /// </summary>
    public async Task EndAsync(string reason)
    {
        if (_port is null)
        {
            return;
        }

        try
        {
            // A clock of its own: the peer's deadlines stand still while the path is interrupted.
            using var patience = new CancellationTokenSource(GoodbyeTime);
            await _rpc.RequestAsync("call/ended", new { reason }, cancellation: patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page did not answer in time; it is told by the hub, too.
        }
        catch (RpcException gone) when (gone.Code is RpcErrorCode.Disconnected or RpcErrorCode.Timeout or RpcErrorCode.MethodNotFound or RpcErrorCode.Cancelled)
        {
            // It closed its connection on hearing the word, or is not there to hear it.
        }
    }

    public void ShowTool(ToolActivity activity) => _rpc.Notify("tool/activity", activity);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _inbox.Writer.TryComplete();
        await _rpc.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    }

    private void Enqueue(InboxEntry entry)
    {
        // It is completed when the call ends; what comes after that concerns nobody.
        if (!_inbox.Writer.TryWrite(entry) && entry.Kind == InboxKind.Message)
        {
            Done(entry);
        }
    }

    private async Task ReadInboxAsync()
    {
        await foreach (var entry in _inbox.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            switch (entry.Kind)
            {
                case InboxKind.Attached:
                    _port = entry.Port;
                    _rpc.Attach(entry.Port);
                    break;
                case InboxKind.Detached when ReferenceEquals(_port, entry.Port):
                    _port = null;
                    _rpc.Detach();
                    _trace.Watch(false);
                    await _call.PageGoneAsync().ConfigureAwait(false);
                    break;
                case InboxKind.Writable when ReferenceEquals(_port, entry.Port):
                    _rpc.Flush();
                    break;
                case InboxKind.Message:
                    if (ReferenceEquals(_port, entry.Port))
                    {
                        _rpc.Receive(entry.Message.AsSpan(0, entry.Length));
                    }

                    Done(entry);
                    break;
            }
        }
    }

    private void Done(InboxEntry message)
    {
        Interlocked.Decrement(ref _waiting);
        Interlocked.Add(ref _waitingBytes, -message.Length);
        ArrayPool<byte>.Shared.Return(message.Message!);
    }

    private void Handle(string method, Func<JsonElement, ValueTask> handler) =>
        _rpc.Handle(method, async (parameters, _) =>
        {
            await handler(parameters).ConfigureAwait(false);
            return new { };
        });

    private void Handle(string method, Func<JsonElement, ValueTask<object?>> handler) =>
        _rpc.Handle(method, (parameters, _) => handler(parameters));

    private async ValueTask<object?> HelloAsync(JsonElement parameters)
    {
        var (tools, unreadable) = PageTools.Read(parameters);
        await _call.PageHelloAsync(tools, unreadable).ConfigureAwait(false);
        return new
        {
            callId = _call.Id,
            role = Info(_call.Role),
            model = _call.Model,
            state = _state,
            transcript = Latest(),
            refusedTools = _call.RefusedTools,
        };
    }

    // As many of the last lines as fit into one message.
    private List<JsonElement> Latest()
    {
        var lines = new List<JsonElement>();
        lock (_gate)
        {
            var room = RetoldBytes;
            for (var i = _transcriptOrder.Count - 1; i >= 0; i--)
            {
                var line = JsonSerializer.SerializeToElement(_transcript[_transcriptOrder[i]], JsonSerializerOptions.Web);
                room -= Encoding.UTF8.GetByteCount(line.GetRawText());
                if (room < 0)
                {
                    break;
                }

                lines.Add(line);
            }
        }

        lines.Reverse();
        return lines;
    }

    private static RoleInfo Info(Role role) => new(role.Slug, role.Name, role.Emoji, role.Page is not null, role.Images);

    private ValueTask Image(JsonElement parameters)
    {
        var dataUrl = PageParams.DataUrl(parameters);
        if (!_call.Role.Images && PageParams.OptionalFlag(parameters, "shared") == true)
        {
            // A picture that is shown is the caller's act; what a share sends by itself is for the role to allow.
            throw PageParams.Invalid("This role takes no pictures of a screen or a camera.");
        }

        var prompt = PageParams.OptionalText(parameters, "prompt", LongestText);
        return _call.PostAsync(new TurnInput.PageImage(Given(dataUrl), prompt is null ? null : Given(prompt)));
    }

    private ValueTask Playout(JsonElement parameters)
    {
        var rtpTimestamp = PageParams.UInt32(parameters, "rtpTimestamp");
        var delayMs = PageParams.OptionalNumber(parameters, "delayMs") is { } ms and >= 0 and < 10_000 ? ms : 0;
        var silenced = PageParams.OptionalFlag(parameters, "silenced") ?? false;
        _call.Media.Played(rtpTimestamp, TimeSpan.FromMilliseconds(delayMs), silenced);
        return ValueTask.CompletedTask;
    }

    private ValueTask Inspect(JsonElement parameters)
    {
        _trace.Watch(PageParams.Flag(parameters, "on"));
        return ValueTask.CompletedTask;
    }

    private string Given(string content)
    {
        var cost = content.Length + GivenOverhead;
        if (Interlocked.Add(ref _given, cost) > MostGiven)
        {
            Interlocked.Add(ref _given, -cost);
            throw new RpcException(RpcErrorCode.Overloaded, $"This call has taken as much text and as many images as a call may, {MostGiven} characters in all.");
        }

        return content;
    }

    private enum InboxKind
    {
        Attached,
        Detached,
        Writable,
        Message,
    }

    private readonly record struct InboxEntry(InboxKind Kind, IMediaPeer Port, byte[]? Message, int Length);
}
