using System.Collections.Concurrent;
using System.Security.Cryptography;
using Bridge.Configuration;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Every call of this host, and the hub's way to them.</summary>
internal sealed class CallRegistry : ICallGateway
{
    // Longer than a model takes for a recap, shorter than a page waits for an answer.
    private static readonly TimeSpan RecapPatience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Seat> _calls = new(StringComparer.Ordinal);
    private readonly RoleCatalog _roles;
    private readonly CallServices _services;
    private readonly IHubContext<SignalHub, ISignalClient> _hub;
    private readonly BridgeOptions _options;
    private readonly ILogger<CallRegistry> _logger;
    private readonly LastWords _lastWords;
    private int _reserved;
    private bool _draining;

    public CallRegistry(
        RoleCatalog roles, CallServices services, IHubContext<SignalHub, ISignalClient> hub, IOptions<BridgeOptions> options, ILogger<CallRegistry> logger)
    {
        _roles = roles;
        _services = services;
        _hub = hub;
        _options = options.Value;
        _logger = logger;
        _lastWords = new LastWords(services.Time);
        roles.Changed += _ =>
        {
            foreach (var call in Calls)
            {
                call.RolesEdited();
            }
        };
    }

    /// <summary>True once the host is stopping: calls end, no new one begins.</summary>
    public bool Draining => Volatile.Read(ref _draining);

    /// <summary>The calls that are alive.</summary>
    public IEnumerable<Call> Calls => _calls.Values.Select(s => s.Call);

    /// <inheritdoc/>
    public Task<JoinReply> JoinAsync(string connectionId, JoinRequest request, CancellationToken cancellation)
    {
        if (Draining)
        {
            throw new SignalRefusal(SignalCodes.ShuttingDown, "The server is shutting down; try again in a moment.");
        }

        if (request.ResumeToken is { Length: > 0 } token && FindByToken(token) is { } seat)
        {
            if (seat.ConnectionId is { } former && former != connectionId)
            {
                // A copied tab has the token, too. The one that had the call leaves it, or each would take it from the other for ever.
                _ = _hub.Clients.Client(former).CallEnded(new CallEndedNotice(seat.Call.Id, CallEnd.Replaced));
            }

            seat.Take(connectionId);
            return Task.FromResult(Reply(seat, resumed: true));
        }

        if (request.ResumeOnly)
        {
            throw new SignalRefusal(SignalCodes.CallOver, "The call is over.");
        }

        var role = _roles.Current.Gallery(_options.PrivateRoles).FirstOrDefault(e => e.Slug == request.Role)?.Role
            ?? throw new SignalRefusal(SignalCodes.UnknownRole, $"There is no role \"{request.Role}\".");
        if (Interlocked.Increment(ref _reserved) > _options.MaxCalls)
        {
            Interlocked.Decrement(ref _reserved);
            throw new SignalRefusal(SignalCodes.Busy, "All lines are taken; try again in a moment.");
        }

        return Task.FromResult(Reply(Open(connectionId, role, request), resumed: false));
    }

    /// <inheritdoc/>
    public Task<OfferReply> OfferAsync(string connectionId, OfferRequest request, CancellationToken cancellation)
    {
        var seat = Find(connectionId, request.CallId);
        if (!seat.TakesOffer(_services.Time.GetUtcNow()))
        {
            throw new SignalRefusal(SignalCodes.SlowDown, "This call has had too many offers; wait a moment.");
        }

        if (!seat.Call.TryAnswer(request.Sdp, seat.NeedsPeer, out var answer, out var refusal))
        {
            throw new SignalRefusal(SignalCodes.InvalidSdp, refusal);
        }

        seat.NeedsPeer = false;
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
        Find(connectionId, request.CallId).Call.Post(new Realtime.Turns.TurnInput.HangUpRequested(CallEnd.Hangup));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<RecapReply> RecapAsync(RecapRequest request, CancellationToken cancellation)
    {
        if (FindByToken(request.ResumeToken, alsoGivenUp: true) is { } ending)
        {
            // It may still be writing the recap. A call that goes on has nothing to tell here.
            try
            {
                var reason = await ending.Call.Ended.WaitAsync(RecapPatience, _services.Time, cancellation).ConfigureAwait(false);
                return new RecapReply(ending.Call.Id, reason, ending.Call.Recap);
            }
            catch (TimeoutException)
            {
                throw new SignalRefusal(SignalCodes.UnknownCall, "This call is not over.");
            }
        }

        return _lastWords.Find(request.ResumeToken)
            ?? throw new SignalRefusal(SignalCodes.UnknownCall, "Nothing is known of this call any more.");
    }

    /// <inheritdoc/>
    public Task DisconnectedAsync(string connectionId) => Task.CompletedTask;

    /// <summary>Ends every call and waits for their release.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _draining, true);
        await Task.WhenAll(_calls.Values.Select(s => s.Call.DisposeAsync().AsTask())).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private Seat Open(string connectionId, Role role, JoinRequest request)
    {
        var context = new RoleContext
        {
            Now = _services.Time.GetUtcNow(),
            Locale = request.Locale,
            TimeZone = request.TimeZone,
            Attributes = request.Attributes ?? new Dictionary<string, string>(),
        };
        Call call;
        try
        {
            call = new Call(NewSecret(12), role, context, _services);
        }
        catch (InvalidOperationException tooLong)
        {
            Interlocked.Decrement(ref _reserved);
            Log.CallRefused(_logger, role.Slug, tooLong.Message);
            throw new SignalRefusal(SignalCodes.InvalidRequest, "With these attributes of the caller the role's text is longer than it may be.");
        }
        catch
        {
            Interlocked.Decrement(ref _reserved);
            throw;
        }

        var seat = new Seat(call, NewSecret(24));
        seat.Take(connectionId);
        _calls[call.Id] = seat;
        Log.CallOpened(_logger, call.Id, role.Slug);
        call.Start();

        // An edit or the host's end between the choice of the role and the call's place in the list told nobody.
        call.RolesEdited();
        if (Draining)
        {
            call.Post(new Realtime.Turns.TurnInput.HangUpRequested(CallEnd.Shutdown));
        }

        _ = WatchAsync(seat);
        return seat;
    }

    private async Task WatchAsync(Seat seat)
    {
        var reason = await seat.Call.Ended.ConfigureAwait(false);
        _lastWords.Keep(seat.ResumeToken, new RecapReply(seat.Call.Id, reason, seat.Call.Recap));
        _calls.TryRemove(seat.Call.Id, out _);
        Interlocked.Decrement(ref _reserved);
        _services.Metrics.CallEnded(reason);
        Log.CallEnded(_logger, seat.Call.Id, reason);
        if (seat.ConnectionId is { } connection)
        {
            await _hub.Clients.Client(connection).CallEnded(new CallEndedNotice(seat.Call.Id, reason)).ConfigureAwait(false);
        }
    }

    private JoinReply Reply(Seat seat, bool resumed) => new(
        seat.Call.Id,
        seat.ResumeToken,
        resumed,
        [.. _options.IceServers.Select(s => new IceServer([.. s.Urls], s.Username, s.Credential))],
        seat.Call.Model,
        new RoleInfo(seat.Call.Role.Slug, seat.Call.Role.Name, seat.Call.Role.Emoji, seat.Call.Role.Page is not null, seat.Call.Role.Images));

    private Seat Find(string connectionId, string callId) =>
        _calls.TryGetValue(callId, out var seat) && seat.ConnectionId == connectionId
            ? seat
            : throw new SignalRefusal(SignalCodes.UnknownCall, "This connection has no such call; call Join first.");

    private Seat? FindByToken(string token, bool alsoGivenUp = false)
    {
        var sought = System.Text.Encoding.UTF8.GetBytes(token);
        return _calls.Values.FirstOrDefault(s => (alsoGivenUp || !s.Call.IsGivenUp) && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(s.ResumeToken), sought));
    }

    private static string NewSecret(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    private sealed class Seat(Call call, string resumeToken)
    {
        // An offer costs the host work, and a change of codec memory until the call ends. A page that looks for a way back
        // makes one every few seconds.
        private const int OffersAtOnce = 60;
        private static readonly TimeSpan OfferEvery = TimeSpan.FromSeconds(2);

        private readonly Lock _offering = new();
        private DateTimeOffset _nextOffer;

        public Call Call => call;

        public string ResumeToken => resumeToken;

        public string? ConnectionId { get; private set; }

        /// <summary>The next offer comes from a page connection this call has not seen.</summary>
        public bool NeedsPeer { get; set; }

        /// <summary>Counts an offer; false when there were too many.</summary>
        public bool TakesOffer(DateTimeOffset now)
        {
            lock (_offering)
            {
                // Each offer moves the time at which there would have been none for long; it may lie only so far ahead.
                var next = (_nextOffer > now ? _nextOffer : now) + OfferEvery;
                if (next - now > OffersAtOnce * OfferEvery)
                {
                    return false;
                }

                _nextOffer = next;
                return true;
            }
        }

        public void Take(string connectionId)
        {
            ConnectionId = connectionId;
            NeedsPeer = true;
        }
    }
}
