using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Realtime.Turns;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Every call of this host, and the hub's way to them.</summary>
internal sealed class CallRegistry : ICallGateway
{
    // A recap has its own limit in the turn machine; a call that is not over by then has its record written as it is.
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(60);

    // Longer than a model takes for a recap, shorter than a page waits for an answer.
    private static readonly TimeSpan RecapPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RestartRetry = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, CallSeat> _calls = new(StringComparer.Ordinal);
    private readonly RoleCatalog _roles;
    private readonly CallFactory _factory;
    private readonly HostClock _clock;
    private readonly BridgeMetrics _metrics;
    private readonly PageNotices _notices;
    private readonly BridgeOptions _options;
    private readonly CallAccess _access;
    private readonly CallLines _lines;
    private readonly CallRevival _revival;
    private readonly BudgetDoor _budgets;
    private readonly ILogger<CallRegistry> _logger;
    private readonly LastWords _lastWords;
    private readonly CallRecovery _recovery;
    private readonly Lock _reviving = new();
    private bool _draining;
    private bool _ending;

    public CallRegistry(
        RoleCatalog roles,
        CallFactory factory,
        HostClock clock,
        BridgeMetrics metrics,
        PageNotices notices,
        CallAccess access,
        JoinLimits limits,
        MemoryBudget memory,
        CallRecovery recovery,
        BudgetDoor budgets,
        IOptions<BridgeOptions> options,
        ILogger<CallRegistry> logger)
    {
        _roles = roles;
        _factory = factory;
        _clock = clock;
        _metrics = metrics;
        _notices = notices;
        _access = access;
        _lines = new CallLines(limits, memory, options.Value);
        _revival = new CallRevival(factory, recovery, _lines, clock, options.Value, logger);
        _budgets = budgets;
        _options = options.Value;
        _logger = logger;
        _lastWords = new LastWords(clock.Time);
        _recovery = recovery;
        recovery.Closed += (callId, tokens) =>
        {
            foreach (var token in tokens)
            {
                _lastWords.Keep(token, new RecapReply(callId, CallEnd.Interrupted));
            }
        };
        roles.Changed += _ =>
        {
            foreach (var call in Calls)
            {
                clock.Guard.Run("role edit", call.RolesEdited);
            }
        };
    }

    /// <summary>True once the host is stopping: no new call begins, running ones may go on for a while.</summary>
    public bool Draining => Volatile.Read(ref _draining) || Resting;

    /// <summary>True while an operator wants no new call here; running ones go on.</summary>
    public bool Resting { get; set; }

    /// <summary>The calls that are alive.</summary>
    public IEnumerable<Call> Calls => _calls.Values.Select(s => s.Call);

    /// <summary>True while the call of this id runs, or its page is waited for after a crash.</summary>
    public bool IsAlive(string callId) => _calls.TryGetValue(callId, out var seat) ? !seat.Call.HasLeft : _recovery.IsWaiting(callId);

    /// <summary>True when a token leads into a call that this host holds, or has held and still writes the recap of.</summary>
    public bool Holds(string token) => FindByToken(token, alsoGivenUp: true) is not null;

    /// <inheritdoc/>
    public async Task<JoinReply> JoinAsync(HubCaller caller, JoinRequest request, CancellationToken cancellation)
    {
        if (request.ResumeToken is { Length: > 0 } token && FindOrRevive(token, caller) is { } seat)
        {
            if (seat.ConnectionId is { } former && former != caller.ConnectionId)
            {
                // A copied tab has the token, too. The one that had the call leaves it, or each would take it from the other for ever.
                _ = _notices.TellAsync(former, seat.Call.Id, CallEnd.Replaced);
            }

            seat.Take(caller.ConnectionId, caller.Address);
            seat.Tokens.Renew(token);
            // The page has the new token alone: a host that dies now must know it.
            await seat.Call.Recorder.RenewAsync(seat.Tokens.Hashes).ConfigureAwait(false);
            await (_notices.Watcher?.RenewedAsync(seat) ?? Task.CompletedTask).ConfigureAwait(false);
            return Reply(seat, resumed: true);
        }

        if (request.ResumeOnly)
        {
            throw new SignalRefusal(SignalCodes.CallOver, "The call is over.");
        }

        if (Draining)
        {
            throw new SignalRefusal(SignalCodes.ShuttingDown, "The server is shutting down; try again in a moment.", RestartRetry);
        }

        var role = _roles.Current.Find(request.Role, _options.PrivateRoles)
            ?? throw new SignalRefusal(SignalCodes.UnknownRole, $"There is no role \"{request.Role}\".");
        var person = await _budgets.AdmitAsync(role, _access.Admit(caller, role.Slug), caller.Address).ConfigureAwait(false);
        return Reply(Open(caller, role, request, person, _lines.Take(person, caller.Address)), resumed: false);
    }

    /// <inheritdoc/>
    public Task<OfferReply> OfferAsync(string connectionId, OfferRequest request, CancellationToken cancellation)
    {
        var seat = Find(connectionId, request.CallId);
        _lines.Offer(seat.Call.Caller, seat.Address);
        if (!seat.TakesOffer(out var retryAfter))
        {
            throw new SignalRefusal(SignalCodes.SlowDown, "This call has had too many offers; wait a moment.", retryAfter);
        }

        if (!seat.Call.TryAnswer(request.Sdp, seat.NeedsPeer, out var answer, out var refusal))
        {
            throw new SignalRefusal(SignalCodes.InvalidSdp, refusal);
        }

        seat.Answered();
        return Task.FromResult(new OfferReply(answer));
    }

    /// <inheritdoc/>
    public Task AddCandidateAsync(string connectionId, CandidateRequest request, CancellationToken cancellation)
    {
        var seat = Find(connectionId, request.CallId);
        if (request.Candidate.Length > 0 && seat.Call.Media.Peer is { } peer && !peer.TryAddRemoteCandidate(request.Candidate, out var refusal))
        {
            throw new SignalRefusal(SignalCodes.InvalidCandidate, refusal);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task HangupAsync(string connectionId, HangupRequest request, CancellationToken cancellation)
    {
        Find(connectionId, request.CallId).Call.Post(new TurnInput.HangUpRequested(CallEnd.Hangup));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<RecapReply> RecapAsync(RecapRequest request, CancellationToken cancellation)
    {
        if (FindByToken(request.ResumeToken, alsoGivenUp: true) is { } ending)
        {
            if (!ending.Call.IsEnding)
            {
                throw new SignalRefusal(SignalCodes.UnknownCall, "This call is not over.");
            }

            // It may still be writing the recap.
            try
            {
                var reason = await ending.Call.Ended.WaitAsync(RecapPatience, _clock.Time, cancellation).ConfigureAwait(false);
                return new RecapReply(ending.Call.Id, reason, ending.Call.Recap);
            }
            catch (TimeoutException)
            {
                throw new SignalRefusal(SignalCodes.UnknownCall, "This call is still writing its recap.", RecapPatience);
            }
        }

        return _lastWords.Find(request.ResumeToken)
            ?? throw new SignalRefusal(SignalCodes.UnknownCall, "Nothing is known of this call any more.");
    }

    /// <inheritdoc/>
    public Task DisconnectedAsync(string connectionId)
    {
        foreach (var seat in _calls.Values.Where(seat => seat.ConnectionId == connectionId))
        {
            seat.GiveBackUnused();
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Takes no new call and waits until the running ones are over. Those that are not over in time are ended, which
    /// gives them their recap; see <see cref="CallEnd.Shutdown"/>.
    /// </summary>
    /// <param name="patience">How long calls may go on undisturbed.</param>
    /// <param name="hurry">Fires when there is no more time: records are written as they are, without a recap.</param>
    public async Task DrainAsync(TimeSpan patience, CancellationToken hurry)
    {
        if (!Interlocked.Exchange(ref _draining, true) && patience > TimeSpan.Zero)
        {
            _notices.Watcher?.Stopping();
        }

        await AllOverAsync(patience, hurry).ConfigureAwait(false);
        Interlocked.Exchange(ref _ending, true);
        foreach (var call in Calls)
        {
            call.Post(new TurnInput.HangUpRequested(CallEnd.Shutdown));
        }

        if (!await AllOverAsync(LongestGoodbye, hurry).ConfigureAwait(false))
        {
            foreach (var call in Calls)
            {
                call.Abort(CallEnd.Shutdown);
            }

            await AllOverAsync(LongestGoodbye, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<bool> AllOverAsync(TimeSpan patience, CancellationToken hurry)
    {
        var over = Task.WhenAll(_calls.Values.Select(s => s.Over));
        if (over.IsCompleted)
        {
            return true;
        }

        if (patience == TimeSpan.Zero || hurry.IsCancellationRequested)
        {
            return false;
        }

        await Task.WhenAny(over, Task.Delay(patience, _clock.Time, hurry)).ConfigureAwait(false);
        return over.IsCompleted;
    }

    private CallSeat Open(HubCaller hub, Role role, JoinRequest request, Caller caller, CallLine line)
    {
        CallSeat? seat = null;
        try
        {
            var context = CallPassport.Context(caller, request.Locale, request.TimeZone, request.Attributes, _clock.UtcNow);
            seat = new CallSeat(_factory.Create(NewSecret(12), role, context, line.Memory, caller), new ResumeTokens(), _options.Limits.Offers, line);
            Seat(seat, hub, CallFactory.JoinTime, early: caller.IsVerified || hub.IsLocal);
            Log.CallOpened(_logger, seat.Call.Id, role.Slug);
        }
        catch (InvalidOperationException tooLong) when (seat is null)
        {
            line.Dispose();
            Log.CallRefused(_logger, role.Slug, tooLong.Message);
            throw new SignalRefusal(SignalCodes.InvalidRequest, "With these attributes of the caller the role's text is longer than it may be.");
        }
        catch
        {
            if (seat is null)
            {
                line.Dispose();
            }
            else
            {
                // The call's end gives the line back.
                seat.Call.Abort(CallEnd.Failed);
            }

            throw;
        }

        Look(seat);
        return seat;
    }

    private void Seat(CallSeat seat, HubCaller hub, TimeSpan joinTime, bool early, RevivedCall? revived = null)
    {
        seat.Take(hub.ConnectionId, hub.Address);
        seat.ExpectOffer(_clock, TimeSpan.FromSeconds(_options.Limits.OfferSeconds), hadOffer: revived is not null);
        seat.Over = WatchAsync(seat);
        _ = seat.Call.Recorder.RenewAsync(seat.Tokens.Hashes);
        _calls[seat.Call.Id] = seat;
        _notices.Watcher?.Seated(seat, revived);
        seat.Call.Start(joinTime, early);
    }

    /// <summary>Makes a call ready that another host leads; null when it could not go on here.</summary>
    /// <exception cref="SignalRefusal">There is no line for it.</exception>
    public StandbyCall? Prepare(UnfinishedCall call, IPAddress? address) =>
        Draining ? null : _revival.Prepare(call, _roles.Current.Find(call.Origin.Role), address);

    /// <summary>A call that was made ready is this host's from now on. Its tokens are known before it begins its record.</summary>
    /// <param name="call">The call.</param>
    /// <param name="left">As the other host left it.</param>
    /// <param name="connection">The hub connection that has it.</param>
    public void GoOn(StandbyCall call, CallHandover left, string connection)
    {
        var seat = call.Seat;
        seat.Take(connection, call.Address);
        seat.Answered();
        seat.Over = WatchAsync(seat);
        _calls[seat.Call.Id] = seat;
        _notices.Watcher?.Seated(seat, left.Call);
        _ = seat.Call.Recorder.RenewAsync(seat.Tokens.Hashes);
        seat.Call.GoOn(left, TimeSpan.FromSeconds(_options.GraceSeconds));
        Look(seat);
    }

    // An edit or the host's end between the choice of the role and the call's place in the list notified nobody.
    private void Look(CallSeat seat)
    {
        seat.Call.RolesEdited();
        if (Volatile.Read(ref _ending))
        {
            seat.Call.Post(new TurnInput.HangUpRequested(CallEnd.Shutdown));
        }
    }

    // Under a lock: of two pages with one token the later one finds the call that the earlier one brought back.
    private CallSeat? FindOrRevive(string token, HubCaller caller)
    {
        lock (_reviving)
        {
            return FindByToken(token) ?? (_recovery.Take(token) is { } unfinished ? Revive(unfinished, caller) : null);
        }
    }

    /// <summary>Goes on with a call whose host crashed; null when it can't.</summary>
    /// <exception cref="SignalRefusal">The address or the caller holds too many calls; the page may come again.</exception>
    private CallSeat? Revive(UnfinishedCall unfinished, HubCaller caller)
    {
        var made = _revival.Revive(unfinished, caller.Address);
        if (made is var (seat, call))
        {
            Seat(seat, caller, TimeSpan.FromSeconds(_options.GraceSeconds), early: call.Passport.Caller.IsVerified || caller.IsLocal, call);
            Log.CallResumed(_logger, unfinished.Id, (_clock.UtcNow - unfinished.LastActive).TotalSeconds);
            Look(seat);
        }

        return made?.Seat;
    }

    private async Task WatchAsync(CallSeat seat)
    {
        var reason = await seat.Call.Ended.ConfigureAwait(false);
        foreach (var token in seat.Tokens.Hashes)
        {
            _lastWords.Keep(token, new RecapReply(seat.Call.Id, reason, seat.Call.Recap));
        }

        _calls.TryRemove(KeyValuePair.Create(seat.Call.Id, seat));
        _notices.Watcher?.Over(seat, reason);
        seat.Release();
        _metrics.CallEnded(reason);
        Log.CallEnded(_logger, seat.Call.Id, reason);
        if (seat.ConnectionId is { } connection && reason != CallEnd.Moved)
        {
            await _notices.TellAsync(connection, seat.Call.Id, reason).ConfigureAwait(false);
        }
    }

    private JoinReply Reply(CallSeat seat, bool resumed) => new(
        seat.Call.Id,
        seat.Tokens.Current,
        resumed,
        [.. _options.IceServers.Select(s => new IceServer([.. s.Urls], s.Username, s.Credential))],
        seat.Call.Model,
        PageView.Info(seat.Call.Role));

    private CallSeat Find(string connectionId, string callId) =>
        _calls.TryGetValue(callId, out var seat) && seat.ConnectionId == connectionId
            ? seat
            : throw new SignalRefusal(SignalCodes.UnknownCall, "This connection has no such call; call Join first.");

    private CallSeat? FindByToken(string token, bool alsoGivenUp = false) =>
        _calls.Values.FirstOrDefault(seat => !seat.Call.HasLeft && (alsoGivenUp || !seat.Call.IsGivenUp) && seat.Tokens.Has(token));

    private static string NewSecret(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
