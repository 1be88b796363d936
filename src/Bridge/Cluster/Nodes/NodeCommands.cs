using System.Text.Json;
using Bridge.Calls;
using Bridge.Operation;
using Bridge.Realtime.Turns;

namespace Bridge.Cluster.Nodes;

/// <summary>The wishes of an operator, carried out at whichever node they concern.</summary>
internal sealed class NodeCommands(
    ICallDirectory directory, ISignalRelay relay, CallRegistry calls, NodeReporter reporter, CallMove? move = null)
{
    private const int MaxCalls = 200;

    /// <summary>The nodes of the cluster; this one alone when there is none, or it is away.</summary>
    public async Task<NodeList> NodesAsync()
    {
        var own = reporter.Read();
        try
        {
            var nodes = await directory.NodesAsync().ConfigureAwait(false);
            return new NodeList(own.Id, false, [own, .. nodes.Where(n => n.Id != own.Id)]);
        }
        catch (ClusterAwayException)
        {
            return new NodeList(own.Id, true, [own]);
        }
    }

    /// <summary>Moves a call to another node, wherever it is.</summary>
    /// <inheritdoc cref="RestAsync" path="/exception"/>
    public async Task<MoveOutcome> MoveAsync(string callId)
    {
        if (move is null)
        {
            return calls.IsAlive(callId) ? MoveOutcome.NoTarget : MoveOutcome.Unknown;
        }

        var owner = await directory.FindAsync(callId).ConfigureAwait(false);
        return owner is null or { IsOver: true } ? MoveOutcome.Unknown
            : owner.Node == directory.Node ? await move.MoveAsync(callId).ConfigureAwait(false)
            : (await AskAsync(owner.Node, RelayKind.Move, new RelayedCall(callId)).ConfigureAwait(false)) is { Code: null } reply
                ? reply.Read<RelayedMove>().Outcome
                : MoveOutcome.Unknown;
    }

    /// <summary>A node takes no new calls and moves the ones it has, or takes new ones again.</summary>
    /// <exception cref="RelayException">It does not answer.</exception>
    /// <exception cref="ClusterAwayException">It can't be asked.</exception>
    public async Task RestAsync(string node, bool resting)
    {
        if (node == directory.Node)
        {
            calls.Resting = resting;
            _ = resting ? move?.MoveAllAsync() : null;
            return;
        }

        await AskAsync(node, RelayKind.Drain, new RelayedDrain(resting)).ConfigureAwait(false);
    }

    /// <summary>The living calls of a node, the oldest first.</summary>
    /// <inheritdoc cref="RestAsync" path="/exception"/>
    public async Task<JsonElement> CallsAsync(string node) => node == directory.Node
        ? RelayReply.Of(Living(calls)).Body!.Value
        : (await AskAsync(node, RelayKind.Calls, new RelayedEnd("")).ConfigureAwait(false)).Body
            ?? throw new RelayException(isGone: false);

    /// <summary>Ends a call of a node; false when it has none of that id.</summary>
    /// <inheritdoc cref="RestAsync" path="/exception"/>
    public async Task<bool> EndAsync(string node, string callId) => node == directory.Node
        ? TryEnd(calls, callId)
        : (await AskAsync(node, RelayKind.EndCall, new RelayedCall(callId)).ConfigureAwait(false)).Code is null;

    /// <summary>The living calls of a host, as operators see them.</summary>
    internal static IReadOnlyList<LiveCall> Living(CallRegistry calls) =>
        [.. calls.Calls.OrderBy(c => c.Started).ThenBy(c => c.Id, StringComparer.Ordinal).Take(MaxCalls).Select(LiveCall.Of)];

    /// <summary>Ends a call of a host by the word of its operator.</summary>
    internal static bool TryEnd(CallRegistry calls, string callId)
    {
        var call = calls.Calls.FirstOrDefault(c => c.Id == callId);
        call?.Post(new TurnInput.HangUpRequested(CallEnd.EndedByOperator));
        return call is not null;
    }

    private Task<RelayReply> AskAsync<T>(string node, string kind, T body) =>
        relay.AskAsync(node, RelayRequest.Of(kind, directory.Node, body), RelayTimes.Step);
}
