using Bridge.Configuration;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>
/// The calls that a host process held when it crashed. A page that comes back with its token within the grace time goes on with
/// its call; the others are closed as they were written.
/// </summary>
internal sealed class CallRecovery : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, UnfinishedCall> _waiting = new(StringComparer.Ordinal);
    private readonly ICallStore _store;
    private readonly HostLease _lease;
    private readonly RecordDesk _desk;
    private readonly RecordingDesk _recordings;
    private readonly RoleFinder _roles;
    private readonly HostClock _clock;
    private readonly BridgeOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _grace;

    public CallRecovery(
        ICallStore store, HostLease lease, RecordDesk desk, RecordingDesk recordings, RoleFinder roles, HostClock clock,
        IOptions<BridgeOptions> options, ILogger<CallRecovery> logger)
    {
        (_store, _lease, _desk, _recordings, _roles) = (store, lease, desk, recordings, roles);
        (_clock, _options, _logger) = (clock, options.Value, logger);
        _grace = clock.CreateTimer("interrupted calls", CloseAll);
    }

    /// <summary>A call was closed because its page did not come back: its id, and hashes of its tokens.</summary>
    public event Action<string, IReadOnlyList<string>>? Closed;

    /// <summary>
    /// Asked of each call of a dead process: true when it is this node's, false when another node goes on with it. Null: there is no
    /// other node.
    /// </summary>
    public Func<UnfinishedCall, Task<bool>>? Claims { get; set; }

    /// <summary>Finds the calls of dead processes; their pages have the grace time from now on.</summary>
    /// <exception cref="IOException">The store is away.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        using var dead = _lease.FindDead();
        if (dead.Owners.Count == 0)
        {
            return;
        }

        var unfinished = await _store.TakeOverAsync(dead.Owners, _lease.Owner, cancellation).ConfigureAwait(false);
        dead.Forget();
        foreach (var call in unfinished)
        {
            _recordings.CloseLeft(call.Id);
            if (Claims is { } claims && !await claims(call).ConfigureAwait(false))
            {
                Close(call, CallEnd.Moved);
            }
            else if (call.Origin is { Resume: not null, Tokens.Count: > 0 })
            {
                lock (_gate)
                {
                    _waiting[call.Id] = call;
                }
            }
            else
            {
                Close(call);
            }
        }

        if (unfinished.Count > 0)
        {
            Log.CallsInterrupted(_logger, unfinished.Count, _options.GraceSeconds);
            Wait();
        }
    }

    /// <summary>True while the page of this call is waited for.</summary>
    public bool IsWaiting(string id)
    {
        lock (_gate)
        {
            return _waiting.ContainsKey(id);
        }
    }

    /// <summary>The call that a token leads to; null when none is waiting for it.</summary>
    public UnfinishedCall? Take(string token)
    {
        lock (_gate)
        {
            var found = _waiting.Values.FirstOrDefault(call => new ResumeTokens(call.Origin.Tokens).Has(token));
            if (found is not null)
            {
                _waiting.Remove(found.Id);
            }

            return found;
        }
    }

    /// <summary>The page could not be taken back now; it may come again.</summary>
    public void PutBack(UnfinishedCall call)
    {
        lock (_gate)
        {
            _waiting[call.Id] = call;
        }
    }

    /// <summary>A call of another node that crashed: its page is waited for like those of this host.</summary>
    public void Expect(UnfinishedCall call)
    {
        PutBack(call);
        Wait();
    }

    /// <summary>The state with which the call goes on, and its role as it is now; null when it can't, in which case it is closed.</summary>
    public (RevivedCall Call, Role Role)? Revive(UnfinishedCall call)
    {
        if (_roles(call.Origin.Role) is { } role && RevivedCall.TryRead(call, _clock.UtcNow - call.Origin.Started, out var revived))
        {
            return (revived, role);
        }

        Log.CallNotResumed(_logger, call.Id, "its role is gone, or its record can't be read");
        Close(call);
        return null;
    }

    /// <summary>Closes a call with what was written of it, at the time of the last of that.</summary>
    public void Close(UnfinishedCall call, string reason = CallEnd.Interrupted)
    {
        var keep = _desk.PolicyOf(_roles(call.Origin.Role)?.Records ?? new RoleRecords()).Keep;
        _desk.Writer.Post(new RecordWrite.Ended(
            call.Id, new CallClosing(
                call.Origin.Role, call.LastActive, reason, null, 0, keep is { } time ? call.LastActive + time : null)));
        Closed?.Invoke(call.Id, call.Origin.Tokens);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _grace.DisposeAsync();

    private void CloseAll()
    {
        List<UnfinishedCall> late;
        lock (_gate)
        {
            late = [.. _waiting.Values];
            _waiting.Clear();
        }

        late.ForEach(call => Close(call));
    }

    private void Wait() => _grace.Change(TimeSpan.FromSeconds(_options.GraceSeconds), Timeout.InfiniteTimeSpan);
}
