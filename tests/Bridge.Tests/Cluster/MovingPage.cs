using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;

namespace Bridge.Tests.Cluster;

/// <summary>
/// A page in this process that holds a second connection while its call moves, as the SDK does. It asks its host ten times a second, so
/// that it knows for how long nobody answered.
/// </summary>
internal sealed class MovingPage : IAsyncDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private readonly DtlsIdentity _identity = OpenSslIdentity.Create();
    private readonly HubClient _hub;
    private readonly Channel<(LabClient From, JsonElement Message)> _messages = Channel.CreateUnbounded<(LabClient, JsonElement)>();
    private readonly ConcurrentDictionary<int, (object Message, TaskCompletionSource<JsonElement> Answer)> _waiting = new();
    private readonly List<JsonElement> _early = [];
    private readonly List<JsonElement> _lines = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private LabClient _client;
    private LabClient? _second;
    private TaskCompletionSource<string> _answer = new();
    private JsonElement _secondAnswered;
    private Task _running = Task.CompletedTask;
    private long _heard;
    private long _longest;
    private int _id;

    private MovingPage(HubClient hub)
    {
        _hub = hub;
        _client = NewClient();
    }

    public string CallId { get; private set; } = "";

    /// <summary>The number of moves of its call to another node without a new join.</summary>
    public int Moves { get; private set; }

    /// <summary>Ids of the function calls that it was asked for, each once.</summary>
    public ConcurrentDictionary<string, int> Functions { get; } = new(StringComparer.Ordinal);

    /// <summary>Why the call was told to be over; null: it was not.</summary>
    public string? Over { get; private set; }

    /// <summary>The longest time for which no request was answered since <see cref="Watch"/>.</summary>
    public TimeSpan LongestSilence => TimeSpan.FromSeconds((double)Interlocked.Read(ref _longest) / Stopwatch.Frequency);

    /// <summary>Joins, connects and says hello.</summary>
    public static async Task<MovingPage> CallAsync(Uri host, string role, CancellationToken cancellation)
    {
        var page = new MovingPage(await HubClient.ConnectAsync(host, cancellation));
        var (joined, refusal) = await page._hub.InvokeAsync("Join", new { role }, cancellation);
        Assert.True(refusal is null, refusal);
        page.CallId = joined.GetProperty("callId").GetString()!;
        page._running = Task.WhenAll(page.ReadAsync(), page.PingAsync());
        await page._client.ConnectAsync(async offer =>
        {
            var (reply, error) = await page._hub.InvokeAsync("Offer", new { callId = page.CallId, sdp = offer }, cancellation);
            Assert.Null(error);
            return reply.GetProperty("sdp").GetString()!;
        });
        await page.AskAsync("page/hello", new { tools = Array.Empty<object>() });
        page.Watch();
        return page;
    }

    /// <summary>Counts <see cref="LongestSilence"/> anew.</summary>
    public void Watch()
    {
        Interlocked.Exchange(ref _heard, Stopwatch.GetTimestamp());
        Interlocked.Exchange(ref _longest, 0);
    }

    /// <summary>Says something, and waits until the agent's answer to it was heard to its end.</summary>
    public async Task OrderAsync(string text, CancellationToken cancellation)
    {
        int before;
        lock (_gate)
        {
            before = _lines.Count;
        }

        await AskAsync("page/text", new { text });
        while (true)
        {
            lock (_gate)
            {
                if (_lines.Skip(before).Any(IsAnswer))
                {
                    return;
                }
            }

            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Hangs up over the hub connection that it joined by.</summary>
    public async Task HangUpByHubAsync(CancellationToken cancellation)
    {
        var (_, refusal) = await _hub.InvokeAsync("Hangup", new { callId = CallId }, cancellation);
        Assert.Null(refusal);
    }

    /// <summary>Asks the host; over whichever connection its call is on when it answers.</summary>
    public Task<JsonElement> AskAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _id);
        var request = new { jsonrpc = "2.0", id, method, @params = parameters };
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting[id] = (request, answer);
            Send(_client, request);
        }

        return answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _messages.Writer.Complete();
        await _running;
        _client.Dispose();
        _second?.Dispose();
        _identity.Dispose();
        _stop.Dispose();
        await _hub.DisposeAsync();
    }

    private static bool IsAnswer(JsonElement line) =>
        line.TryGetProperty("final", out var final) && final.GetBoolean() && line.GetProperty("speaker").GetString() == "agent"
        && (line.GetProperty("text").GetString()!.StartsWith("It is saved", StringComparison.Ordinal)
            || line.GetProperty("text").GetString()!.StartsWith("I heard you", StringComparison.Ordinal));

    private static void Send(LabClient client, object message) => client.SendText(JsonSerializer.SerializeToUtf8Bytes(message));

    private LabClient NewClient()
    {
        var client = new LabClient(_identity) { Label = "bridge" };
        client.Received = message => _messages.Writer.TryWrite((client, JsonSerializer.Deserialize<JsonElement>(message)));
        return client;
    }

    private async Task PingAsync()
    {
        while (!_stop.IsCancellationRequested && Over is null)
        {
            if (CallId.Length > 0 && _heard != 0)
            {
                _ = AskAsync("page/inspect", new { on = false });
            }

            await Task.Delay(AskEvery);
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var (from, message) in _messages.Reader.ReadAllAsync())
        {
            lock (_gate)
            {
                if (from == _second)
                {
                    // The node that takes over speaks before the page was told so.
                    _early.Add(message);
                }
                else if (from == _client)
                {
                    Take(message);
                }
            }
        }
    }

    private void Take(JsonElement message)
    {
        var id = message.TryGetProperty("id", out var named) ? named : default;
        if (!message.TryGetProperty("method", out var method))
        {
            if (id.ValueKind == JsonValueKind.Number && _waiting.TryRemove(id.GetInt32(), out var waiting))
            {
                Heard();
                waiting.Answer.TrySetResult(message);
            }

            return;
        }

        var parameters = message.TryGetProperty("params", out var given) ? given : default;
        switch (method.GetString())
        {
            case "call/offer":
                _ = ConnectSecondAsync(id);
                return;
            case "call/answer":
                _secondAnswered = id;
                _answer.TrySetResult(parameters.GetProperty("sdp").GetString()!);
                return;
            case "call/moved":
                Switch();
                return;
            case "call/stay":
                _second?.Dispose();
                _second = null;
                return;
            case "call/transcript":
                _lines.Add(parameters);
                break;
            case "call/ended":
                Over = parameters.GetProperty("reason").GetString();
                break;
            case "tool/call":
                Functions.AddOrUpdate(parameters.GetProperty("callId").GetString()!, 1, (_, times) => times + 1);
                break;
        }

        if (id.ValueKind != JsonValueKind.Undefined)
        {
            Send(_client, new { jsonrpc = "2.0", id, result = new { } });
        }
    }

    private async Task ConnectSecondAsync(JsonElement asked)
    {
        var first = _client;
        var second = NewClient();
        _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _second = second;
        await second.ConnectAsync(offer =>
        {
            Send(first, new { jsonrpc = "2.0", id = asked, result = new { sdp = offer } });
            return _answer.Task;
        });
        Send(first, new { jsonrpc = "2.0", id = _secondAnswered, result = new { } });
    }

    private void Switch()
    {
        if (_second is not { } second)
        {
            return;
        }

        _client.Dispose();
        (_client, _second) = (second, null);
        Moves++;
        foreach (var (request, _) in _waiting.OrderBy(w => w.Key).Select(w => w.Value))
        {
            Send(second, request);
        }

        foreach (var message in _early)
        {
            Take(message);
        }

        _early.Clear();
        _ = AskAsync("page/hello", new { tools = Array.Empty<object>() });
    }

    private void Heard()
    {
        var now = Stopwatch.GetTimestamp();
        var silence = now - Interlocked.Exchange(ref _heard, now);
        if (silence < now && silence > Interlocked.Read(ref _longest))
        {
            Interlocked.Exchange(ref _longest, silence);
        }
    }
}
