using System.Collections.Concurrent;
using System.Text.Json;
using StackExchange.Redis;

namespace Bridge.Cluster;

/// <summary>
/// Requests between nodes over Redis' publish and subscribe: each node listens on a channel of its own, replies go to the asking
/// node's. A request to a node that is gone fails at once, because it has no subscriber.
/// </summary>
internal sealed class RedisRelay(RedisLink redis, string node, TimeProvider time) : ISignalRelay
{
    // An SDP has 64 kB at most, and JSON escapes its line ends.
    private const int MaxMessage = 256 * 1024;
    private const int MaxAtOnce = 1_000;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<RelayReply>> _asked = new(StringComparer.Ordinal);
    private Func<RelayRequest, Task<RelayReply>> _answer = static _ => Task.FromResult(RelayReply.Done);
    private int _answering;
    private bool _listens;

    /// <inheritdoc/>
    public async Task StartAsync(Func<RelayRequest, Task<RelayReply>> answer)
    {
        _answer = answer;
        if (_listens)
        {
            return;
        }

        try
        {
            var queue = await redis.Subscriber.SubscribeAsync(Channel(node)).ConfigureAwait(false);
            queue.OnMessage(message => Receive(message.Message));
            _listens = true;
        }
        catch (RedisException failure)
        {
            throw new ClusterAwayException("Redis takes no subscription.", failure);
        }
    }

    /// <inheritdoc/>
    public async Task<RelayReply> AskAsync(string other, RelayRequest request, TimeSpan within)
    {
        var id = Guid.NewGuid().ToString("N");
        var reply = new TaskCompletionSource<RelayReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = reply;
        try
        {
            var began = time.GetTimestamp();
            var receivers = await SendAsync(other, new Frame(id, request, null), within).ConfigureAwait(false);
            if (receivers == 0)
            {
                throw new RelayException(isGone: true);
            }

            var left = within - time.GetElapsedTime(began);
            return await reply.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new RelayException(isGone: false);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    private RedisChannel Channel(string of) => RedisChannel.Literal(redis.Name("to:" + of));

    private Task<long> SendAsync(string other, Frame frame, TimeSpan within) => redis.RunAsync(
        database => database.PublishAsync(Channel(other), JsonSerializer.SerializeToUtf8Bytes(frame, JsonSerializerOptions.Web)), within);

    private void Receive(RedisValue message)
    {
        if (message.Length() > MaxMessage || !TryRead(message, out var frame))
        {
            return;
        }

        if (frame.Reply is { } reply)
        {
            if (_asked.TryGetValue(frame.Id, out var asked))
            {
                asked.TrySetResult(reply);
            }
        }
        else if (frame.Request is { } request)
        {
            // Beyond it nobody gets an answer in time anyway.
            if (Interlocked.Increment(ref _answering) <= MaxAtOnce)
            {
                _ = Task.Run(() => AnswerAsync(frame.Id, request));
            }
            else
            {
                Interlocked.Decrement(ref _answering);
            }
        }
    }

    private async Task AnswerAsync(string id, RelayRequest request)
    {
        try
        {
            var reply = await RelayAnswer.OfAsync(_answer, request).ConfigureAwait(false);
            await SendAsync(request.From, new Frame(id, null, reply), RedisLink.JoinTime).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // The node that asked has its own deadline.
        }
        finally
        {
            Interlocked.Decrement(ref _answering);
        }
    }

    private static bool TryRead(RedisValue message, out Frame frame)
    {
        try
        {
            frame = JsonSerializer.Deserialize<Frame>((byte[])message!, JsonSerializerOptions.Web)!;
            return frame is { Id: not null } && (frame.Reply is not null || frame.Request is { Kind: not null, From: not null });
        }
        catch (JsonException)
        {
            frame = null!;
            return false;
        }
    }

    /// <summary>A message on a node's channel: a request or a reply, under the id that the asking node gave.</summary>
    private sealed record Frame(string Id, RelayRequest? Request, RelayReply? Reply);
}
