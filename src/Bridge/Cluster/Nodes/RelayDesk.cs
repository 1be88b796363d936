using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Bridge.Calls;
using Bridge.Signaling;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>Answers the requests of other nodes about the calls of this one.</summary>
internal sealed class RelayDesk(
    CallRegistry calls, ClusterGateway gateway, CallMove move, StandbyDesk standby, NodeCommands commands, PageNotices notices,
    ClusterNode node, CallbackGuard guard)
{
    /// <summary>Answers a request.</summary>
    /// <exception cref="SignalRefusal">It is refused.</exception>
    /// <exception cref="JsonException">It can't be read.</exception>
    public async Task<RelayReply> AnswerAsync(RelayRequest request)
    {
        try
        {
            return await DoAsync(request).ConfigureAwait(false);
        }
        catch (Exception defect) when (defect is not (SignalRefusal or JsonException or ClusterAwayException))
        {
            guard.Failed($"request {request.Kind} of another node", defect);
            throw;
        }
    }

    private async Task<RelayReply> DoAsync(RelayRequest request)
    {
        switch (request.Kind)
        {
            case RelayKind.Join:
                return RelayReply.Of(await JoinAsync(request.From, request.Read<RelayedJoin>()).ConfigureAwait(false));
            case RelayKind.Offer:
                var offer = request.Read<Relayed<OfferRequest>>();
                return RelayReply.Of(
                    await calls.OfferAsync(Connection(request, offer.Connection), offer.Request, default).ConfigureAwait(false));
            case RelayKind.Candidate:
                var candidate = request.Read<Relayed<CandidateRequest>>();
                await calls.AddCandidateAsync(Connection(request, candidate.Connection), candidate.Request, default).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.Hangup:
                var hangup = request.Read<Relayed<HangupRequest>>();
                await calls.HangupAsync(Connection(request, hangup.Connection), hangup.Request, default).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.Recap:
                return RelayReply.Of(await calls.RecapAsync(request.Read<RecapRequest>(), default).ConfigureAwait(false));
            case RelayKind.Disconnected:
                await calls.DisconnectedAsync(Connection(request, request.Read<RelayedEnd>().Connection)).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.Ended:
                var (connection, notice) = request.Read<RelayedNotice>();
                await notices.TellAsync(connection, notice.CallId, notice.Reason).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.Roles:
                node.Compare(request.From, request.Read<RelayedRoles>().Revisions);
                return RelayReply.Done;
            case RelayKind.Drain:
                await commands.RestAsync(node.Id, request.Read<RelayedDrain>().Resting).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.Move:
                return RelayReply.Of(new RelayedMove(await move.MoveAsync(request.Read<RelayedCall>().CallId).ConfigureAwait(false)));
            case RelayKind.Prepare:
                await standby.PrepareAsync(request.Read<RelayedPrepare>()).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.PreparedOffer:
                return RelayReply.Of(standby.Answer(request.Read<RelayedSdp>()));
            case RelayKind.Prepared:
                await standby.PreparedAsync(request.Read<RelayedCall>().CallId).ConfigureAwait(false);
                return RelayReply.Done;
            case RelayKind.GoOn:
                var left = request.Read<RelayedGoOn>();
                gateway.Lead(left.CallId, await standby.GoOnAsync(left, request.From).ConfigureAwait(false));
                return RelayReply.Done;
            case RelayKind.Unprepare:
                standby.Discard(request.Read<RelayedCall>().CallId);
                return RelayReply.Done;
            case RelayKind.Led:
                var led = request.Read<RelayedLed>();
                gateway.Led(led.Connection, led.CallId, request.From);
                return RelayReply.Done;
            case RelayKind.EndCall:
                return NodeCommands.TryEnd(calls, request.Read<RelayedCall>().CallId)
                    ? RelayReply.Done
                    : throw new SignalRefusal(SignalCodes.UnknownCall, "This node has no such call.");
            case RelayKind.Calls:
                return RelayReply.Of(NodeCommands.Living(calls));
            default:
                throw new SignalRefusal(
                    SignalCodes.InvalidRequest, "This node does not know such a request; it may be of another version.");
        }
    }

    private static string Connection(RelayRequest request, string connection) => RemoteConnection.Of(request.From, connection);

    private Task<JoinReply> JoinAsync(string from, RelayedJoin join)
    {
        var address = IPAddress.TryParse(join.Address, out var read) ? read : null;
        var caller = new HubCaller(RemoteConnection.Of(from, join.Connection), address, new ClaimsPrincipal(), null, join.IsLocal);
        return gateway.JoinFromAsync(caller, join.Request with { ResumeOnly = true });
    }
}
