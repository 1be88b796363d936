using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Threading.Channels;
using Bridge.Configuration;
using Bridge.Records;
using Bridge.Timing;

namespace Bridge.WebHooks;

/// <summary>
/// One receiver: takes its events out of the outbox and posts them. A loop of its own, so that a slow receiver holds up neither calls
/// nor other receivers; writes go through the records' one queue.
/// </summary>
internal sealed class WebHookReceiver
{
    /// <summary>The time that a receiver has to answer (the specification: 15 to 30 s).</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private const int Batch = 8;
    private static readonly TimeSpan Lease = Timeout + TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);

    // Another host's events, and those of a store that was away.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly WebHookOptions _options;
    private readonly IReadOnlyList<byte[]> _keys;
    private readonly HttpClient _client;
    private readonly RecordDesk _desk;
    private readonly IOutbox _outbox;
    private readonly HostClock _clock;
    private readonly WebHookHealth _health;
    private OutboxCount _count = new(0, 0, null);

    public WebHookReceiver(
        WebHookOptions options, HttpClient client, RecordDesk desk, IOutbox outbox, HostClock clock, WebHookHealth health)
    {
        (_options, _client, _desk, _outbox, _clock, _health) = (options, client, desk, outbox, clock, health);
        _keys = options.Keys() ?? throw new InvalidOperationException("The secret was not checked.");
    }

    /// <summary>Events that wait, as far as the last look knows.</summary>
    public long Waiting => Volatile.Read(ref _count).Waiting;

    /// <summary>Events that are not tried any more.</summary>
    public long Dead => Volatile.Read(ref _count).Dead;

    /// <summary>There are new events. Never waits.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Delivers events until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var pause = LookEvery;
            try
            {
                pause = await LookAsync(cancellation).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The store is away, and RecordHealth says so.
            }

            if (pause > TimeSpan.Zero)
            {
                await WaitAsync(pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<TimeSpan> LookAsync(CancellationToken cancellation)
    {
        var count = await _outbox.CountAsync(_options.Key, cancellation).ConfigureAwait(false);
        Volatile.Write(ref _count, count);
        var now = _clock.UtcNow;
        if (count.Due is not { } due || due > now)
        {
            return count.Due is { } later && later - now < LookEvery ? later - now : LookEvery;
        }

        var items = await _desk.Writer.RunAsync(
            (_, stop) => _outbox.ClaimAsync(_options.Key, Batch, now, now + Lease, _desk.Owner, stop)).ConfigureAwait(false);
        var outcomes = await Task.WhenAll(items.Select(item => DeliverAsync(item, cancellation))).ConfigureAwait(false);
        if (outcomes.Contains(WebHookOutcome.Busy))
        {
            await Task.Delay(BusyPause, _clock.Time, cancellation).ConfigureAwait(false);
        }

        return TimeSpan.Zero;
    }

    private async Task<WebHookOutcome> DeliverAsync(OutboxItem item, CancellationToken cancellation)
    {
        var call = await _outbox.FindCallAsync(item.Call, cancellation).ConfigureAwait(false);
        var message = call is null || _health.IsGone ? null : WebHookMessage.Of(item, call);
        var answer = message is null
            ? new WebHookAnswer(WebHookOutcome.Gone, "erased")
            : await PostAsync(message, cancellation).ConfigureAwait(false);
        if (message is not null)
        {
            _health.Answered(item, answer);
        }

        if (answer.Outcome is WebHookOutcome.Delivered or WebHookOutcome.Gone)
        {
            await WriteAsync(stop => _outbox.RemoveAsync(item, stop)).ConfigureAwait(false);
        }
        else
        {
            var pause = WebHookSchedule.After(item.Attempt, answer.RetryAfter, Random.Shared.NextDouble());
            await WriteAsync(stop => _outbox.PutBackAsync(item, pause is { } time ? _clock.UtcNow + time : null, stop))
                .ConfigureAwait(false);
        }

        return answer.Outcome;
    }

    private async Task<WebHookAnswer> PostAsync(WebHookMessage message, CancellationToken cancellation)
    {
        var now = _clock.UtcNow;
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url)
        {
            Content = new ByteArrayContent(message.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", message.Sign(now.ToUnixTimeSeconds(), _keys));
        using var patience = new CancellationTokenSource(Timeout, _clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            // The body of its answer is not read.
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            return WebHookAnswer.Of(response, now);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(WebHookOutcome.Failed, "no answer in time");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException)
        {
            // Not the exception's own text, which may hold the address and a key in it.
            var kind = failure is HttpRequestException http ? http.HttpRequestError.ToString() : failure.GetType().Name;
            return new(WebHookOutcome.Failed, kind);
        }
    }

    private Task<bool> WriteAsync(Func<CancellationToken, Task> write) => _desk.Writer.RunAsync(async (_, stop) =>
    {
        await write(stop).ConfigureAwait(false);
        return true;
    });

    private async Task WaitAsync(TimeSpan pause, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(_wake.Reader.ReadAsync(both.Token).AsTask(), Task.Delay(pause, _clock.Time, both.Token)).ConfigureAwait(false);
        await both.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }
}
