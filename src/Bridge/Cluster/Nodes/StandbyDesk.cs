using System.Collections.Concurrent;
using System.Net;
using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Signaling;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// The calls of other nodes that are made ready here. Each goes on here, or is released: by order of its node, or after a time limit.
/// </summary>
internal sealed class StandbyDesk(CallRegistry calls, CallTakeover takeover, ICallDirectory directory, ClusterNode node, HostClock clock)
{
    private const int MaxCalls = 64;

    // A call is prepared within seconds, and leaves at most five after that.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(20);

    // Before the one that asks gives up.
    private static readonly TimeSpan PrepareTime = RelayTimes.Preparation - TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, StandbyCall> _standing = new(StringComparer.Ordinal);

    /// <summary>Makes a call ready.</summary>
    /// <exception cref="SignalRefusal">It could not go on here.</exception>
    /// <exception cref="ClusterAwayException">Its snapshot can't be read.</exception>
    public async Task PrepareAsync(RelayedPrepare request)
    {
        var address = IPAddress.TryParse(request.Address, out var read) ? read : null;
        var made = _standing.Count < MaxCalls && !calls.IsAlive(request.CallId)
            && await takeover.SnapshotAsync(request.CallId).ConfigureAwait(false) is { } running
                ? calls.Prepare(running, address) : null;
        if (made is null)
        {
            throw Unknown();
        }

        Discard(request.CallId);
        _standing[request.CallId] = made;
        made.Start(request.Introduction ?? default);
        _ = ExpireAsync(request.CallId, made);
    }

    /// <summary>Answers the offer of the page's second connection.</summary>
    /// <exception cref="SignalRefusal">It is no offer, or no such call is made ready.</exception>
    public RelayedSdp Answer(RelayedSdp offer) =>
        !_standing.TryGetValue(offer.CallId, out var call) ? throw Unknown()
            : call.TryAnswer(offer.Sdp, out var answer, out var refusal) ? new RelayedSdp(offer.CallId, answer)
            : throw new SignalRefusal(SignalCodes.InvalidSdp, refusal);

    /// <summary>Returns once a call is ready to go on here.</summary>
    /// <exception cref="SignalRefusal">It is not, yet.</exception>
    public async Task PreparedAsync(string callId)
    {
        if (!_standing.TryGetValue(callId, out var call) || !await call.IsPreparedAsync(PrepareTime, clock.Time).ConfigureAwait(false))
        {
            throw Unknown();
        }
    }

    /// <summary>A call goes on here: its node has given it.</summary>
    /// <param name="request">How it was left.</param>
    /// <param name="from">Its node.</param>
    /// <returns>The hub connection of its page, as this node names it.</returns>
    /// <exception cref="SignalRefusal">It is not this node's, or can't go on from what was prepared; its page comes by itself.</exception>
    /// <exception cref="ClusterAwayException">The cluster can't be asked.</exception>
    public async Task<string> GoOnAsync(RelayedGoOn request, string from)
    {
        var callId = request.CallId;
        var connection = Name(request.Connection, from);
        if (!_standing.TryRemove(callId, out var call))
        {
            // Asked once more, because the reply was lost.
            return calls.IsAlive(callId) ? connection : throw Unknown();
        }

        var now = clock.Elapsed;
        if (await directory.FindAsync(callId).ConfigureAwait(false) is not { IsOver: false } owner || owner.Node != directory.Node
            || await takeover.ReadAsync(callId).ConfigureAwait(false) is not { } left
            || !RevivedCall.TryRead(left, clock.UtcNow - left.Origin.Started, out var revived)
            || revived.Log.Entries.Count < call.Known)
        {
            _ = call.DiscardAsync();
            throw Unknown();
        }

        node.Expect(callId, owner.Epoch);
        var how = new TurnCommand.CallLeft(request.ReplayMs is { } ms ? now - TimeSpan.FromMilliseconds(ms) : null, request.CutOff);
        calls.GoOn(call, new CallHandover(revived, [.. revived.Log.Entries.Skip(call.Known)], how), connection);
        return connection;
    }

    /// <summary>A call does not go on here by way of what was prepared.</summary>
    public void Discard(string callId)
    {
        if (_standing.TryRemove(callId, out var call))
        {
            _ = call.DiscardAsync();
        }
    }

    private static SignalRefusal Unknown() => new(SignalCodes.UnknownCall, "This node has made no such call ready.");

    // NODE/CONNECTION from here.
    private string Name(string connection, string from)
    {
        if (!RemoteConnection.TryParse(connection, out var holder, out var local))
        {
            return RemoteConnection.Of(from, connection);
        }

        return holder == directory.Node ? local : connection;
    }

    private async Task ExpireAsync(string callId, StandbyCall made)
    {
        await Task.WhenAny(Task.Delay(MaxAge, clock.Time), made.Seat.Call.Ended).ConfigureAwait(false);
        if (_standing.TryRemove(KeyValuePair.Create(callId, made)))
        {
            await made.DiscardAsync().ConfigureAwait(false);
        }
    }
}
