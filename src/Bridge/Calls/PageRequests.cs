using System.Text.Json;
using Bridge.Limits;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Rpc;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>The requests of a call's page (docs/rpc.md): each request is checked and becomes an input of the turn machine.</summary>
internal sealed class PageRequests : IDisposable
{
    private const int LongestText = 8_000;
    private const int LongestCallId = 128;

    // Text and images stay in memory as long as the call; an image of the SDK has some 100,000 characters.
    private const int MaxGiven = 16_000_000;
    private const int GivenOverhead = 500;

    // A character is two bytes in the log, and one in each of the queue to the model and the replay into its next session.
    private const int BytesPerCharacter = 4;

    // A schema is kept as text, as a tree, and compiled.
    private const int BytesPerSchemaByte = 16;

    private readonly CallRole _role;
    private readonly PageView _view;
    private readonly PagePresence _presence;
    private readonly ToolDispatcher _tools;
    private readonly CallMedia _media;
    private readonly ModelTrace _trace;
    private readonly CallRecording _recording;
    private readonly PageLimits _limits;
    private readonly CallMemory _memory;
    private readonly Func<Task> _kept;
    private JsonElement _introduction;
    private int _given;
    private long _toolBytes;

    public PageRequests(
        CallRole role, PageView view, PagePresence presence, ToolDispatcher tools, CallMedia media, ModelTrace trace,
        CallRecording recording, PageLimits limits, CallMemory memory, Func<Task> kept)
    {
        _role = role;
        _view = view;
        _presence = presence;
        _tools = tools;
        _media = media;
        _trace = trace;
        _recording = recording;
        _limits = limits;
        _memory = memory;
        _kept = kept;
    }

    /// <summary>The page's latest <c>page/hello</c>, for another host; undefined before the first.</summary>
    public JsonElement Introduction => _introduction;

    /// <summary>Takes the introduction that the page gave to another host.</summary>
    public void Introduce(JsonElement parameters)
    {
        var (declared, unreadable) = PageTools.Read(parameters);
        TakeTools(declared);
        _introduction = parameters;
        if (_tools.RegisterPageTools(declared, unreadable))
        {
            _role.ChangeOptions();
        }
    }

    /// <summary>Answers the page's methods on an RPC peer.</summary>
    public void HandleOn(RpcPeer rpc, CallMailbox mailbox)
    {
        rpc.Handle("page/hello", (p, _) => HelloAsync(p));
        Handle("page/text", p =>
        {
            Take(_limits.TakesText(out var retryAfter), retryAfter, "texts");
            return mailbox.PostAsync(new TurnInput.PageText(Given(PageParams.Text(p, "text", LongestText))));
        });
        Handle("page/image", p => mailbox.PostAsync(Image(p)));
        Handle("page/interrupt", _ => mailbox.PostAsync(new TurnInput.PageInterrupt()));
        Handle("page/mute", p => mailbox.PostAsync(new TurnInput.PageMute(PageParams.Flag(p, "muted"))));
        Handle("page/pushToTalk", p => mailbox.PostAsync(new TurnInput.PushToTalk(PageParams.Flag(p, "down"))));
        Handle("page/speech", p =>
        {
            Take(_limits.TakesNotification(out var retryAfter), retryAfter, "notifications");
            return mailbox.PostAsync(new TurnInput.PageSpeech(PageParams.Flag(p, "active")));
        });
        Handle("page/hangup", _ => mailbox.PostAsync(new TurnInput.HangUpRequested(CallEnd.Hangup)));
        Handle("page/tool/cancel", p => mailbox.PostAsync(new TurnInput.PageToolCancelled(PageParams.Text(p, "callId", LongestCallId))));
        Handle("page/recording", Recording);
        Handle("page/playout", Playout);
        Handle("page/inspect", Inspect);

        void Handle(string method, Func<JsonElement, ValueTask> handler) => rpc.Handle(method, async (parameters, _) =>
        {
            await handler(parameters).ConfigureAwait(false);
            return new { };
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _limits.Dispose();

    private async ValueTask<object?> HelloAsync(JsonElement parameters)
    {
        Take(_limits.TakesHello(out var retryAfter), retryAfter, "hello messages");
        Introduce(parameters.Clone());

        // A call that its page knows of is found after a crash.
        await _kept().ConfigureAwait(false);
        await _presence.HelloAsync().ConfigureAwait(false);
        return _view.Hello(_role.Current, _tools.Refused, _recording.Greeted());
    }

    private TurnInput.PageImage Image(JsonElement parameters)
    {
        Take(_limits.TakesImage(out var retryAfter), retryAfter, "images");
        var dataUrl = PageParams.DataUrl(parameters);
        if (!_role.Current.Images && PageParams.OptionalFlag(parameters, "shared") == true)
        {
            // A picture that is shown is the caller's act; what a share sends by itself is for the role to allow.
            throw PageParams.Invalid("This role takes no pictures of a screen or a camera.");
        }

        var prompt = PageParams.OptionalText(parameters, "prompt", LongestText);
        return new TurnInput.PageImage(Given(dataUrl), prompt is null ? null : Given(prompt));
    }

    private ValueTask Playout(JsonElement parameters)
    {
        Take(_limits.TakesNotification(out var retryAfter), retryAfter, "notifications");
        var timestamp = PageParams.UInt32(parameters, "rtpTimestamp");
        var delayMs = PageParams.OptionalNumber(parameters, "delayMs") is { } ms and >= 0 and < 10_000 ? ms : 0;
        var silenced = PageParams.OptionalFlag(parameters, "silenced") ?? false;
        _media.Played(timestamp, TimeSpan.FromMilliseconds(delayMs), silenced);
        return ValueTask.CompletedTask;
    }

    private ValueTask Recording(JsonElement parameters)
    {
        Take(_limits.TakesNotification(out var retryAfter), retryAfter, "notifications");
        _recording.Answer(PageParams.Flag(parameters, "accepted"));
        return ValueTask.CompletedTask;
    }

    private ValueTask Inspect(JsonElement parameters)
    {
        _trace.Watch(PageParams.Flag(parameters, "on"));
        return ValueTask.CompletedTask;
    }

    /// <summary>Refuses what a page does too often; a person never gets there.</summary>
    private static void Take(bool taken, TimeSpan retryAfter, string what)
    {
        if (!taken)
        {
            var data = JsonSerializer.SerializeToElement(new { retryAfter = Math.Ceiling(retryAfter.TotalSeconds * 1_000) / 1_000 });
            throw new RpcException(RpcErrorCode.Overloaded, $"This page sends too many {what}; wait a moment.", data);
        }
    }

    private string Given(string content)
    {
        var cost = content.Length + GivenOverhead;
        if (Interlocked.Add(ref _given, cost) > MaxGiven)
        {
            Interlocked.Add(ref _given, -cost);
            throw new RpcException(
                RpcErrorCode.Overloaded,
                $"This call has taken as much text and as many images as a call may, {MaxGiven} characters in all.");
        }

        if (!_memory.TryTake((long)cost * BytesPerCharacter))
        {
            Interlocked.Add(ref _given, -cost);
            throw Full();
        }

        return content;
    }

    private static RpcException Full() => new(RpcErrorCode.Overloaded, "This call, or this server, holds as much as it may in memory.");

    /// <summary>The tools of the page replace those of its hello before, here too.</summary>
    private void TakeTools(IReadOnlyList<ToolDeclaration> tools)
    {
        var bytes = tools.Sum(
            tool =>
                (long)tool.Description.Length + (tool.Parameters.ValueKind == JsonValueKind.Undefined ? 0
                    : tool.Parameters.GetRawText().Length))
            * BytesPerSchemaByte;
        if (!_memory.TryTake(bytes))
        {
            throw Full();
        }

        _memory.Return(Interlocked.Exchange(ref _toolBytes, bytes));
    }
}
