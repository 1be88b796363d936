using System.Collections.Concurrent;
using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// Moves running calls to other nodes. The other node and the page are prepared while the call goes on. At the boundary of a turn, or
/// after some seconds at once, the call's last state is written, the directory gives it to the other node, and the call goes on there.
/// Where nothing could be prepared the page is told to join again.
/// </summary>
internal sealed class CallMove
{
    // More at once would be done no sooner, and each would be unheard for longer while both nodes are busy.
    private const int MaxAtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    // A preparation that failed is tried again, for many calls at once are more than a node that has just started takes in a moment.
    private const int MaxTries = 3;
    private static readonly TimeSpan NextTry = TimeSpan.FromMilliseconds(400);

    private readonly ICallDirectory _directory;
    private readonly ISignalRelay _relay;
    private readonly SnapshotBook _book;
    private readonly ClusterNode _node;
    private readonly CallRegistry _calls;
    private readonly HostClock _clock;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _moving = new(StringComparer.Ordinal);
    private int _next;

    public CallMove(
        ICallDirectory directory, ISignalRelay relay, SnapshotBook book, ClusterNode node, CallRegistry calls, HostClock clock,
        ILogger<CallMove> logger)
    {
        (_directory, _relay, _book, _node, _calls, _clock, _logger) = (directory, relay, book, node, calls, clock, logger);
        node.Leaving = () => _ = MoveAllAsync();
    }

    /// <summary>Moves a call of this node.</summary>
    /// <exception cref="ClusterAwayException">The other nodes can't be read.</exception>
    public async Task<MoveOutcome> MoveAsync(string callId)
    {
        if (_calls.Calls.FirstOrDefault(c => c.Id == callId) is not { IsEnding: false } call)
        {
            return MoveOutcome.Unknown;
        }

        if (!_book.CanGoOn(callId))
        {
            return MoveOutcome.NotMovable;
        }

        if (await TargetAsync(call).ConfigureAwait(false) is not { } target)
        {
            return MoveOutcome.NoTarget;
        }

        _ = RunAsync(call, target);
        return MoveOutcome.Begun;
    }

    /// <summary>Moves every call that can be moved, some at once; returns when each has left or stays.</summary>
    public async Task MoveAllAsync()
    {
        try
        {
            await Parallel.ForEachAsync(
                _calls.Calls.Where(c => !c.IsEnding && _book.CanGoOn(c.Id)).ToList(),
                new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce },
                async (call, _) =>
                {
                    if (await TargetAsync(call).ConfigureAwait(false) is { } target)
                    {
                        await RunAsync(call, target).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // They stay, and have the time that is left.
        }
    }

    // Those that take calls of its role, with the fewest calls first; of several as empty, one after the other.
    private async Task<string?> TargetAsync(Call call)
    {
        var nodes = await _directory.NodesAsync().ConfigureAwait(false);
        var taking = nodes
            .Where(n => n.Id != _directory.Node && !n.Draining && n.Calls < n.MaxCalls && n.Roles.ContainsKey(call.Role.Slug))
            .OrderBy(n => n.Calls).ToList();
        var best = taking.TakeWhile(n => n.Calls <= taking[0].Calls + MaxAtOnce).ToList();
        return best.Count == 0 ? null : best[(int)((uint)Interlocked.Increment(ref _next) % (uint)best.Count)].Id;
    }

    private async Task RunAsync(Call call, string target)
    {
        if (!_moving.TryAdd(call.Id, true))
        {
            return;
        }

        try
        {
            var began = _clock.Elapsed;
            var way = await LayAsync(call, target).ConfigureAwait(false);
            while (!call.IsEnding)
            {
                var late = _clock.Elapsed - began >= Patience;
                if ((late || call.MayLeave)
                    && await call.Departure.TryLeaveAsync(
                        late, left => HandOverAsync(call.Id, target, way, left), call.Ended, _clock.Time).ConfigureAwait(false))
                {
                    await call.Ended.ConfigureAwait(false);
                    return;
                }

                await Task.Delay(LookEvery, _clock.Time).ConfigureAwait(false);
            }

            way?.TakeBack();
        }
        finally
        {
            _moving.TryRemove(call.Id, out _);
        }
    }

    // All that is prepared has as long as the boundary of a turn.
    private async Task<MoveWay?> LayAsync(Call call, string target)
    {
        var began = _clock.Elapsed;
        for (var attempt = 1; attempt <= MaxTries && !call.IsEnding && call.CanBePrepared; attempt++)
        {
            if (attempt > 1)
            {
                await Task.Delay(NextTry, _clock.Time).ConfigureAwait(false);
            }

            try
            {
                if (await _book.TryFlushAsync(call.Id).ConfigureAwait(false) && _node.SeatOf(call.Id) is { } seat)
                {
                    return await MoveWay.LayAsync(seat, target, _relay, _directory, _clock).ConfigureAwait(false);
                }
            }
            catch (Exception refused) when (MoveWay.IsRefusal(refused))
            {
                Log.CallNotPrepared(_logger, call.Id, target, attempt, refused.Message);
            }

            if (_clock.Elapsed - began >= Patience / 2)
            {
                break;
            }
        }

        return null;
    }

    // Where it can't be given, the entry still names this node, and the page finds its call here again.
    private async Task<bool> HandOverAsync(string callId, string target, MoveWay? way, TurnCommand.CallLeft? left)
    {
        var given = false;
        try
        {
            given = await _book.TryFlushAsync(callId).ConfigureAwait(false)
                && _node.Release(callId) is { } epoch
                && await _directory.GiveAsync(callId, epoch, target).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // It stays where it was.
        }

        var told = given && way is not null && await way.TryGoAsync(left).ConfigureAwait(false);
        if (!told)
        {
            way?.TakeBack();
        }

        Log.CallMoved(_logger, callId, target, given, told);
        return told;
    }
}
