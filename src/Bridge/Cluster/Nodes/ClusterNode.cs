using System.Collections.Concurrent;
using Bridge.Calls;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Timing;
using Bridge.Trail;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// This process as a node: it renews its lease and the entries of its calls, and ends the calls that another node has taken over
/// meanwhile. While the cluster is away its calls go on.
/// </summary>
internal sealed class ClusterNode : ICallWatcher, IAsyncDisposable
{
    private readonly ICallDirectory _directory;
    private readonly ISignalRelay _relay;
    private readonly SnapshotBook _book;
    private readonly ClusterSize _size;
    private readonly NodeReporter _reporter;
    private readonly RoleCatalog _roles;
    private readonly HostClock _clock;
    private readonly ClusterTimes _times;
    private readonly ILogger _logger;
    private readonly ITimer _renewal;
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _epochs = new(StringComparer.Ordinal);
    private TimeSpan _keptAt;
    private int _renewing;
    private bool _joined;
    private bool _away;
    private bool _stopped;

    public ClusterNode(
        ICallDirectory directory, ISignalRelay relay, SnapshotBook book, ClusterSize size, NodeReporter reporter, PageNotices notices,
        RecordWriter writer, RoleCatalog roles, HostClock clock, ClusterTimes times, ILogger<ClusterNode> logger)
    {
        (_directory, _relay, _book, _size, _reporter) = (directory, relay, book, size, reporter);
        (_roles, _clock, _times, _logger) = (roles, clock, times, logger);
        _renewal = clock.CreateTimer("cluster lease", () => _ = RenewAsync());
        notices.Watcher = this;
        writer.Posted = book.Take;
        book.Fenced += Fence;
        roles.Changed += snapshot => _ = TellRolesAsync(snapshot);
    }

    /// <summary>Id of this node.</summary>
    public string Id => _directory.Node;

    /// <summary>Takes the lease, and renews it from now on.</summary>
    /// <exception cref="ClusterAwayException">The cluster can't be reached.</exception>
    public async Task StartAsync()
    {
        await _directory.RenewLeaseAsync(_reporter.Read()).ConfigureAwait(false);
        _joined = true;
        _renewal.Change(_times.RenewEvery, _times.RenewEvery);
    }

    /// <summary>The next call of this id is one that was taken over, in this epoch.</summary>
    public void Expect(string callId, long epoch) => _epochs[callId] = epoch;

    /// <inheritdoc/>
    public void Seated(CallSeat seat, RevivedCall? revived)
    {
        var id = seat.Call.Id;
        var held = new Held(seat, _epochs.TryRemove(id, out var epoch) ? epoch : 1);
        _held[id] = held;
        _book.Begin(id, held.Epoch, revived);
        _ = KeepAsync(held);
    }

    /// <inheritdoc/>
    public Task RenewedAsync(CallSeat seat) => _held.TryGetValue(seat.Call.Id, out var held) ? KeepAsync(held) : Task.CompletedTask;

    /// <summary>Moves every call; called when the host is about to stop.</summary>
    public Action? Leaving { get; set; }

    /// <summary>A call is about to be given away: its epoch; null when this node does not hold it.</summary>
    public long? Release(string callId) => _held.TryRemove(callId, out var held) ? held.Epoch : null;

    /// <summary>The place of a call of this node; null when it has none.</summary>
    public CallSeat? SeatOf(string callId) => _held.TryGetValue(callId, out var held) ? held.Seat : null;

    /// <inheritdoc/>
    public void Stopping() => Leaving?.Invoke();

    /// <inheritdoc/>
    public void Over(CallSeat seat, string reason)
    {
        if (_held.TryGetValue(seat.Call.Id, out var now) && now.Seat != seat)
        {
            // It has come back since.
            return;
        }

        _book.End(seat.Call.Id);
        if (_held.TryRemove(seat.Call.Id, out var held) && reason != CallEnd.Moved)
        {
            _ = EndAsync(seat.Call.Id, held.Epoch);
        }
    }

    /// <inheritdoc/>
    public bool TryTell(string connectionId, CallEndedNotice notice)
    {
        if (!RemoteConnection.TryParse(connectionId, out var node, out var connection))
        {
            return false;
        }

        _ = TellAsync(node, RelayRequest.Of(RelayKind.Ended, Id, new RelayedNotice(connection, notice)));
        return true;
    }

    /// <summary>Another node serves these revisions: the log says which of them this one lacks.</summary>
    public void Compare(string node, IReadOnlyDictionary<string, string> revisions)
    {
        var own = NodeReporter.Revisions(_roles.Current);
        foreach (var slug in revisions.Where(r => own.GetValueOrDefault(r.Key) != r.Value).Select(r => r.Key).Take(32))
        {
            Log.RoleRevisionDiffers(_logger, node, CallTrail.Word(slug));
        }
    }

    /// <summary>Gives the lease back.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _renewal.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _directory.LeaveAsync().ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // It ends by itself.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _renewal.DisposeAsync();

    private async Task RenewAsync()
    {
        if (_stopped || Interlocked.Exchange(ref _renewing, 1) != 0)
        {
            return;
        }

        try
        {
            var held = await _directory.RenewLeaseAsync(_reporter.Read()).ConfigureAwait(false);
            if (!held && _joined)
            {
                // Paused, cut off, or Redis has lost what it knew: each call is looked at before anything else.
                Log.LeaseLost(_logger, _held.Count);
            }

            if (!held || _clock.Elapsed - _keptAt >= _times.KeepEvery)
            {
                _keptAt = _clock.Elapsed;
                await Task.WhenAll(_held.Values.Select(KeepAsync)).ConfigureAwait(false);
            }

            if (!held)
            {
                _book.WriteAll();
            }

            _size.Set((await _directory.NodesAsync().ConfigureAwait(false)).Count);
            if (_away)
            {
                _away = false;
                Log.ClusterBack(_logger);
            }
        }
        catch (ClusterAwayException away)
        {
            if (!_away)
            {
                _away = true;
                Log.ClusterAway(_logger, away.InnerException?.Message ?? away.Message);
            }
        }
        catch (Exception defect)
        {
            _clock.Guard.Failed("cluster lease", defect);
        }
        finally
        {
            Volatile.Write(ref _renewing, 0);
        }
    }

    private async Task KeepAsync(Held held)
    {
        try
        {
            var id = held.Seat.Call.Id;
            if (!await _directory.KeepAsync(id, held.Epoch, held.Seat.Tokens.Hashes).ConfigureAwait(false))
            {
                Fence(id, held.Epoch);
            }
        }
        catch (ClusterAwayException)
        {
            // It is kept with one of the next renewals.
        }
    }

    private void Fence(string callId, long epoch)
    {
        if (_held.TryGetValue(callId, out var held) && held.Epoch == epoch
            && _held.TryRemove(KeyValuePair.Create(callId, held)) && !held.Seat.Call.Ended.IsCompleted)
        {
            Log.CallFenced(_logger, callId);
            _book.End(callId);
            held.Seat.Call.Abort(CallEnd.Moved);
        }
    }

    private async Task EndAsync(string callId, long epoch)
    {
        try
        {
            await _directory.EndAsync(callId, epoch).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // The entry expires by itself; this node says until then that the call is over.
        }
    }

    private async Task TellRolesAsync(RoleSnapshot roles)
    {
        try
        {
            var request = RelayRequest.Of(RelayKind.Roles, Id, new RelayedRoles(NodeReporter.Revisions(roles)));
            var others = (await _directory.NodesAsync().ConfigureAwait(false)).Where(n => n.Id != Id);
            await Task.WhenAll(others.Select(n => TellAsync(n.Id, request))).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // The report of the next lease has them, too.
        }
    }

    private async Task TellAsync(string node, RelayRequest request)
    {
        try
        {
            await _relay.AskAsync(node, request, RelayTimes.Request).ConfigureAwait(false);
        }
        catch (Exception away) when (away is RelayException or ClusterAwayException)
        {
            // The page of a node that is gone asks again by itself; revisions come with the leases.
        }
    }

    private sealed record Held(CallSeat Seat, long Epoch);
}
