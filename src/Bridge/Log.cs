using System.Net;
using System.Net.Sockets;

namespace Bridge;

/// <summary>Every line the host may log. Keys, prompts and transcripts have no place in any of them.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Media port {Port}, {Candidates} candidates")]
    public static partial void MediaListening(ILogger logger, int port, int candidates);

    [LoggerMessage(2, LogLevel.Error, "A peer broke an invariant and was dropped")]
    public static partial void PeerFailed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "A datagram was refused by the socket: {Error}")]
    public static partial void DatagramRefused(ILogger logger, SocketError error);

    [LoggerMessage(4, LogLevel.Warning, "Role rejected: {Error}")]
    public static partial void RoleRejected(ILogger logger, string error);

    [LoggerMessage(5, LogLevel.Debug, "The {Part} path could not be run through ahead of the first call")]
    public static partial void NotWarm(ILogger logger, string part);

    [LoggerMessage(6, LogLevel.Warning, "The media port can't be used on {Address}")]
    public static partial void AddressUnusable(ILogger logger, IPAddress address);

    [LoggerMessage(7, LogLevel.Error, "The callback {Callback} failed; further failures of it are counted, not logged")]
    public static partial void CallbackFailed(ILogger logger, string callback, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "Told to stop: no new calls; {Calls} running calls have {Seconds} s to end. Another signal ends at once")]
    public static partial void Stopping(ILogger logger, int calls, int seconds);

    [LoggerMessage(9, LogLevel.Warning, "Told to stop again: calls end at once, without a recap")]
    public static partial void StoppingAtOnce(ILogger logger);

    [LoggerMessage(10, LogLevel.Information, "Call {CallId} opened for role {Role}")]
    public static partial void CallOpened(ILogger logger, string callId, string role);

    [LoggerMessage(11, LogLevel.Information, "Call {CallId} ended: {Reason}")]
    public static partial void CallEnded(ILogger logger, string callId, string reason);

    [LoggerMessage(12, LogLevel.Error, "Call {CallId} failed")]
    public static partial void CallFailed(ILogger logger, string callId, Exception exception);

    [LoggerMessage(13, LogLevel.Warning, "Call {CallId}: the model session could not be opened")]
    public static partial void ModelUnavailable(ILogger logger, string callId, Exception exception);

    [LoggerMessage(15, LogLevel.Warning, "Call {CallId}: {Code}: {Message}")]
    public static partial void CallProblem(ILogger logger, string callId, string code, string message);

    [LoggerMessage(16, LogLevel.Error, "Call {CallId} could not be stored")]
    public static partial void CallNotStored(ILogger logger, string callId, Exception exception);

    [LoggerMessage(17, LogLevel.Warning, "Call {CallId}: role {Role} limits its cost, but Bridge:Prices has no price of {Model}; the limit is not kept")]
    public static partial void NoPrice(ILogger logger, string callId, string role, string model);

    [LoggerMessage(18, LogLevel.Warning, "A call with role {Role} was refused: {Refusal}")]
    public static partial void CallRefused(ILogger logger, string role, string refusal);

    [LoggerMessage(40, LogLevel.Debug, "Call {CallId}: a response waits for: {Blockers}")]
    public static partial void ResponseWaits(ILogger logger, string callId, Realtime.Turns.ResponseBlockers blockers);

    [LoggerMessage(19, LogLevel.Warning, "Role {Role}: {Tool} sends the secret {Secret} to the internet; bind it with Bridge:Tools:Secrets:{Secret}:Hosts (docs/tools.md)")]
    public static partial void SecretUnbound(ILogger logger, string role, string tool, string secret);

    [LoggerMessage(20, LogLevel.Warning, "Requests come through a proxy that Bridge:Proxies does not name: all its visitors count as one address (docs/access.md)")]
    public static partial void ProxyUnknown(ILogger logger);

    [LoggerMessage(14, LogLevel.Warning, "Call {CallId}: handler of {Method} failed")]
    public static partial void HandlerFailed(ILogger logger, string callId, string method, Exception exception);

    [LoggerMessage(60, LogLevel.Error, "Watching the roles met a defect; the roles stay as they were, and the watch goes on")]
    public static partial void RoleWatchFailed(ILogger logger, Exception exception);
}
