using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Records;

namespace Bridge.Operation;

/// <summary>
/// <c>GET /api/live</c>: the living calls twice a second, as server-sent events (HTML Standard §9.2). A feed ends with the right
/// of its operator, and after a while in any case: its page asks again, and is looked at again.
/// </summary>
internal sealed class LiveFeed(
    CallRegistry calls, RecordWriter writer, Operators operators, TimeProvider time, IHostApplicationLifetime application)
{
    private const int MaxCalls = 200;
    private const int DefaultCalls = 50;
    private const int MaxFeeds = 32;
    private const int MaxFeedsOfOperator = 8;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(10);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _feeds = new(StringComparer.Ordinal);

    /// <summary>Answers one page until its operator may no more, or goes.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var most = DefaultCalls;
        if (context.Request.Query["most"].ToString() is { Length: > 0 } asked
            && !int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out most))
        {
            await Results.Problem($"most: a number from 1 to {MaxCalls} is expected.", statusCode: StatusCodes.Status400BadRequest)
                .ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        var name = context.User.FindFirst("sub")?.Value ?? "";
        if (!TryOpen(name))
        {
            await Results.Problem("Too many pages of operators are open.", statusCode: StatusCodes.Status429TooManyRequests)
                .ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        try
        {
            await WriteAsync(context, Math.Clamp(most, 1, MaxCalls)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page is gone, or the host stops.
        }
        finally
        {
            Close(name);
        }
    }

    private async Task WriteAsync(HttpContext context, int most)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, application.ApplicationStopping);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";

        // Of nginx, which would keep the events until there are some kilobytes of them.
        response.Headers["X-Accel-Buffering"] = "no";
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            await response.Body.WriteAsync("data: "u8.ToArray(), end.Token).ConfigureAwait(false);
            await JsonSerializer.SerializeAsync(response.Body, Look(most), Json, end.Token).ConfigureAwait(false);
            await response.Body.WriteAsync("\n\n"u8.ToArray(), end.Token).ConfigureAwait(false);
            await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(began) < MaxLife && await timer.WaitForNextTickAsync(end.Token).ConfigureAwait(false)
            && operators.Includes(context));
    }

    private LiveState Look(int most)
    {
        var living = calls.Calls.ToList();
        return new LiveState(
            time.GetUtcNow(), living.Count, calls.Draining, writer.IsDegraded,
            [.. living.OrderBy(c => c.Started).ThenBy(c => c.Id, StringComparer.Ordinal).Take(most).Select(LiveCall.Of)]);
    }

    private bool TryOpen(string name)
    {
        lock (_gate)
        {
            var held = _feeds.GetValueOrDefault(name);
            if (held >= MaxFeedsOfOperator || _feeds.Values.Sum() >= MaxFeeds)
            {
                return false;
            }

            _feeds[name] = held + 1;
            return true;
        }
    }

    private void Close(string name)
    {
        lock (_gate)
        {
            if (--_feeds[name] == 0)
            {
                _feeds.Remove(name);
            }
        }
    }
}
