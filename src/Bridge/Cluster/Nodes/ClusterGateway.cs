using System.Collections.Concurrent;
using Bridge.Calls;
using Bridge.Signaling;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// The hub's way to the calls of a cluster. A new call is this node's. A page that comes back is led to the node that holds its call,
/// and when that one is dead, its call is taken over here.
/// </summary>
internal sealed class ClusterGateway(
    CallRegistry calls, ICallDirectory directory, ISignalRelay relay, ClusterNode node, CallTakeover takeover,
    StandbyDesk standby, HostClock clock,
    ILogger<ClusterGateway> logger) : ICallGateway
{
    private const int MaxSteps = 3;

    // A living node renews its lease every second: one with less left has missed a renewal, and is worth waiting for its end.
    private static readonly TimeSpan FreshLease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromMilliseconds(20);

    // By hub connection, the calls of other nodes that it has, each with its node.
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> _elsewhere = new(StringComparer.Ordinal);

    // Of several pages with a token of one call, the first reads and revives it; the others find it alive.
    private readonly SemaphoreSlim[] _reviving = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <inheritdoc/>
    public async Task<JoinReply> JoinAsync(HubCaller caller, JoinRequest request, CancellationToken cancellation)
    {
        if (request.ResumeToken is not { Length: > 0 } token || calls.Holds(token))
        {
            return await JoinHereAsync(caller, request, cancellation).ConfigureAwait(false);
        }

        try
        {
            return await FindAsync(caller, request, ResumeTokens.Hash(token), cancellation).ConfigureAwait(false)
                ?? await JoinHereAsync(caller, request, cancellation).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            throw Away();
        }
    }

    /// <summary>Leads a page of another node into a call of this one, which it may have to read first.</summary>
    /// <exception cref="SignalRefusal"><c>call_over</c>: this node has no call for it.</exception>
    /// <exception cref="ClusterAwayException">Its entry can't be read now.</exception>
    public async Task<JoinReply> JoinFromAsync(HubCaller caller, JoinRequest request)
    {
        var token = request.ResumeToken is { Length: > 0 } given && !calls.Holds(given) ? ResumeTokens.Hash(given) : null;
        return token is not null
            && await directory.FindByTokenAsync(token).ConfigureAwait(false) is { IsOver: false } owner && owner.Node == directory.Node
            && await ReviveAsync(owner, caller, request, token, default).ConfigureAwait(false) is { } revived
                ? revived
                : await calls.JoinAsync(caller, request, default).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<OfferReply> OfferAsync(string connectionId, OfferRequest request, CancellationToken cancellation) =>
        Elsewhere(connectionId, request.CallId) is { } owner
            ? (await AskAsync(owner, RelayKind.Offer, new Relayed<OfferRequest>(connectionId, request)).ConfigureAwait(false))
                .Read<OfferReply>()
            : await calls.OfferAsync(connectionId, request, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task AddCandidateAsync(string connectionId, CandidateRequest request, CancellationToken cancellation) =>
        Elsewhere(connectionId, request.CallId) is { } owner
            ? AskAsync(owner, RelayKind.Candidate, new Relayed<CandidateRequest>(connectionId, request))
            : calls.AddCandidateAsync(connectionId, request, cancellation);

    /// <inheritdoc/>
    public Task HangupAsync(string connectionId, HangupRequest request, CancellationToken cancellation) =>
        Elsewhere(connectionId, request.CallId) is { } owner
            ? AskAsync(owner, RelayKind.Hangup, new Relayed<HangupRequest>(connectionId, request))
            : calls.HangupAsync(connectionId, request, cancellation);

    /// <inheritdoc/>
    public async Task<RecapReply> RecapAsync(RecapRequest request, CancellationToken cancellation)
    {
        if (!calls.Holds(request.ResumeToken)
            && await OwnerOfAsync(ResumeTokens.Hash(request.ResumeToken)).ConfigureAwait(false) is { } owner
            && owner.Node != directory.Node)
        {
            return (await AskAsync(owner.Node, RelayKind.Recap, request, RelayTimes.Recap).ConfigureAwait(false)).Read<RecapReply>();
        }

        return await calls.RecapAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DisconnectedAsync(string connectionId)
    {
        await calls.DisconnectedAsync(connectionId).ConfigureAwait(false);
        if (_elsewhere.TryRemove(connectionId, out var held))
        {
            foreach (var owner in held.Values.Distinct(StringComparer.Ordinal))
            {
                await AskQuietlyAsync(owner, RelayKind.Disconnected, new RelayedEnd(connectionId)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A call that moved here is led to from its page's hub connection.</summary>
    public void Lead(string callId, string connection)
    {
        if (RemoteConnection.TryParse(connection, out var holder, out var local))
        {
            _ = AskQuietlyAsync(holder, RelayKind.Led, new RelayedLed(local, callId));
        }
        else if (_elsewhere.TryGetValue(connection, out var held))
        {
            held.TryRemove(callId, out _);
        }
    }

    /// <summary>A call of a hub connection of this node is at another node now.</summary>
    public void Led(string connection, string callId, string owner) =>
        _elsewhere.GetOrAdd(connection, static _ => new(StringComparer.Ordinal))[callId] = owner;

    private static SignalRefusal Away() =>
        new(SignalCodes.NodeAway, "The server that holds this call does not answer; try again in a moment.", Retry);

    private string? Elsewhere(string connectionId, string callId) =>
        _elsewhere.TryGetValue(connectionId, out var held) && held.TryGetValue(callId, out var owner) ? owner : null;

    private async Task<CallOwner?> OwnerOfAsync(string token)
    {
        try
        {
            return await directory.FindByTokenAsync(token).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            return null;
        }
    }

    /// <summary>Leads a page back into its call; null when there is none to be led to.</summary>
    private async Task<JoinReply?> FindAsync(HubCaller caller, JoinRequest request, string token, CancellationToken cancellation)
    {
        var owner = await directory.FindByTokenAsync(token).ConfigureAwait(false);
        for (var step = 0; step < MaxSteps && owner is { IsOver: false }; step++)
        {
            if (owner.Node == directory.Node)
            {
                return await ReviveAsync(owner, caller, request, token, cancellation).ConfigureAwait(false);
            }

            try
            {
                return await JoinAtAsync(owner, caller, request).ConfigureAwait(false);
            }
            catch (RelayException silent)
            {
                owner = await TakeOverAsync(owner, silent.IsGone, cancellation).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>Asks the owner; null when it has no such call any more.</summary>
    private async Task<JoinReply?> JoinAtAsync(CallOwner owner, HubCaller caller, JoinRequest request)
    {
        var body = new RelayedJoin(caller.ConnectionId, caller.Address?.ToString(), caller.IsLocal, request with { ResumeOnly = true });
        var reply = await relay.AskAsync(owner.Node, RelayRequest.Of(RelayKind.Join, directory.Node, body), RelayTimes.Request)
            .ConfigureAwait(false);
        if (reply.Code == SignalCodes.CallOver)
        {
            return null;
        }

        var join = reply.OrThrow().Read<JoinReply>();
        _elsewhere.GetOrAdd(caller.ConnectionId, static _ => new(StringComparer.Ordinal))[join.CallId] = owner.Node;
        return join;
    }

    /// <summary>The owner once the lease of a silent one has ended.</summary>
    /// <exception cref="SignalRefusal">It still holds its lease.</exception>
    private async Task<CallOwner?> TakeOverAsync(CallOwner seen, bool isGone, CancellationToken cancellation)
    {
        var left = await directory.LeaseLeftAsync(seen.Node).ConfigureAwait(false);
        if (left > FreshLease && !isGone)
        {
            throw Away();
        }

        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left + LeaseMargin, clock.Time, cancellation).ConfigureAwait(false);
        }

        var owner = await directory.TakeOverAsync(seen).ConfigureAwait(false);
        if (owner is { IsOver: false } && owner.Node == seen.Node)
        {
            throw Away();
        }

        if (owner?.Node == directory.Node && owner.Epoch == seen.Epoch + 1)
        {
            Log.CallTakenOver(logger, owner.CallId, seen.Node, owner.Epoch);
        }

        return owner;
    }

    /// <summary>Joins a call of this node, which it may have to read first; null when nothing is left of it.</summary>
    private async Task<JoinReply?> ReviveAsync(
        CallOwner owner, HubCaller caller, JoinRequest request, string token, CancellationToken cancellation)
    {
        var callId = owner.CallId;
        var gate = _reviving[(uint)callId.GetHashCode(StringComparison.Ordinal) % (uint)_reviving.Length];
        await gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!calls.IsAlive(callId))
            {
                standby.Discard(callId);
                if (!await takeover.TryReadAsync(callId, token, cancellation).ConfigureAwait(false))
                {
                    return null;
                }

                node.Expect(callId, owner.Epoch);
            }

            return await JoinHereAsync(caller, request, cancellation).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<JoinReply> JoinHereAsync(HubCaller caller, JoinRequest request, CancellationToken cancellation)
    {
        var reply = await calls.JoinAsync(caller, request, cancellation).ConfigureAwait(false);
        if (_elsewhere.TryGetValue(caller.ConnectionId, out var held))
        {
            // The same connection had the call while another node held it.
            held.TryRemove(reply.CallId, out _);
        }

        return reply;
    }

    // The page finds its call, and its call the end of the page, without this word, too.
    private async Task AskQuietlyAsync<T>(string node, string kind, T body)
    {
        try
        {
            await AskAsync(node, kind, body).ConfigureAwait(false);
        }
        catch (SignalRefusal)
        {
            // See above.
        }
    }

    private async Task<RelayReply> AskAsync<T>(string owner, string kind, T body, TimeSpan? within = null)
    {
        try
        {
            var reply = await relay.AskAsync(owner, RelayRequest.Of(kind, directory.Node, body), within ?? RelayTimes.Request)
                .ConfigureAwait(false);
            return reply.OrThrow();
        }
        catch (Exception silent) when (silent is RelayException or ClusterAwayException)
        {
            throw Away();
        }
    }
}
