using System.Net;
using System.Net.Sockets;
using Bridge.Realtime.Turns;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Srtp;

namespace Bridge;

/// <summary>Every line the host may log. Keys, prompts and transcripts have no place in any of them.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Media port {Port}, {Candidates} candidates")]
    public static partial void MediaListening(ILogger logger, int port, int candidates);

    [LoggerMessage(2, LogLevel.Error, "Call {CallId}: its connection broke an invariant and was dropped")]
    public static partial void PeerFailed(ILogger logger, string callId, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "A datagram was refused by the socket: {Error}")]
    public static partial void DatagramRefused(ILogger logger, SocketError error);

    [LoggerMessage(4, LogLevel.Warning, "Role rejected: {Error}")]
    public static partial void RoleRejected(ILogger logger, string error);

    [LoggerMessage(5, LogLevel.Debug, "Warm-up of the {Part} path before the first call failed")]
    public static partial void NotWarm(ILogger logger, string part);

    [LoggerMessage(6, LogLevel.Warning, "The media port can't be used on {Address}")]
    public static partial void AddressUnusable(ILogger logger, IPAddress address);

    [LoggerMessage(7, LogLevel.Error, "The callback {Callback} failed; further failures of it are counted, not logged")]
    public static partial void CallbackFailed(ILogger logger, string callback, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "Shutdown requested: no new calls; {Calls} running calls have {Seconds} s to end. A second signal ends them at once")]
    public static partial void Stopping(ILogger logger, int calls, int seconds);

    [LoggerMessage(9, LogLevel.Warning, "Second shutdown signal: calls end at once, without a recap")]
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

    [LoggerMessage(17, LogLevel.Warning, "Call {CallId}: role {Role} limits its cost, but Bridge:Prices has no price of {Model}; the limit has no effect")]
    public static partial void NoPrice(ILogger logger, string callId, string role, string model);

    [LoggerMessage(18, LogLevel.Warning, "A call with role {Role} was refused: {Refusal}")]
    public static partial void CallRefused(ILogger logger, string role, string refusal);

    [LoggerMessage(40, LogLevel.Debug, "Call {CallId}: a response waits for: {Blockers}")]
    public static partial void ResponseWaits(ILogger logger, string callId, ResponseBlockers blockers);

    [LoggerMessage(41, LogLevel.Debug, "Call {CallId}: no response waits any more")]
    public static partial void NothingWaits(ILogger logger, string callId);

    [LoggerMessage(19, LogLevel.Warning, "Role {Role}: {Tool} sends the secret {Secret} to the internet; bind it with Bridge:Tools:Secrets:{Secret}:Hosts (docs/tools.md)")]
    public static partial void SecretUnbound(ILogger logger, string role, string tool, string secret);

    [LoggerMessage(20, LogLevel.Warning, "Requests come through a proxy that Bridge:Proxies does not name: all its clients count as one address (docs/access.md)")]
    public static partial void ProxyUnknown(ILogger logger);

    [LoggerMessage(21, LogLevel.Warning, "Tickets can't be checked: {Error}")]
    public static partial void TicketKeysUnavailable(ILogger logger, string error);

    [LoggerMessage(46, LogLevel.Information, "The model's server speaks the protocol of the profile {Profile}")]
    public static partial void ServerProfile(ILogger logger, string profile);

    [LoggerMessage(14, LogLevel.Warning, "Call {CallId}: handler of {Method} failed")]
    public static partial void HandlerFailed(ILogger logger, string callId, string method, Exception exception);

    [LoggerMessage(61, LogLevel.Error, "The usage of this day could not be stored; a restart now would lose it")]
    public static partial void UsageNotStored(ILogger logger, Exception exception);

    [LoggerMessage(62, LogLevel.Error, "Role {Role} takes no calls: Bridge:Budgets sets dollars, and its model {Model} has no price; set Bridge:Prices:{Model} (docs/money.md)")]
    public static partial void RoleUnpriced(ILogger logger, string role, string model);

    [LoggerMessage(60, LogLevel.Error, "Watching the roles folder failed unexpectedly; the loaded roles stay, and the folder is watched further")]
    public static partial void RoleWatchFailed(ILogger logger, Exception exception);

    [LoggerMessage(70, LogLevel.Error, "Records of calls are not being written ({Why}); they wait in memory, calls go on")]
    public static partial void RecordsDegraded(ILogger logger, string why, Exception? failure);

    [LoggerMessage(71, LogLevel.Warning, "Records of calls are being written again, after {Seconds:0.0} s; {Lost} facts were lost")]
    public static partial void RecordsWell(ILogger logger, double seconds, long lost);

    [LoggerMessage(72, LogLevel.Error, "Call {CallId}: a fact ({Kind}) was refused by the store and is lost")]
    public static partial void RecordRefused(ILogger logger, string callId, string kind, Exception failure);

    [LoggerMessage(73, LogLevel.Error, "The host stops while its store can't be reached: {Facts} facts of calls are lost")]
    public static partial void RecordsLeft(ILogger logger, int facts);

    [LoggerMessage(74, LogLevel.Information, "{Calls} calls were interrupted when this host crashed; their pages have {Seconds} s to reconnect")]
    public static partial void CallsInterrupted(ILogger logger, int calls, int seconds);

    [LoggerMessage(75, LogLevel.Information, "Call {CallId} goes on after {Seconds:0.0} s")]
    public static partial void CallResumed(ILogger logger, string callId, double seconds);

    [LoggerMessage(76, LogLevel.Information, "{Calls} calls were erased ({Kind})")]
    public static partial void CallsErased(ILogger logger, int calls, string kind);

    [LoggerMessage(77, LogLevel.Warning, "Erasing calls whose retention period is over failed; it is tried again")]
    public static partial void NotErased(ILogger logger, Exception failure);

    [LoggerMessage(78, LogLevel.Information, "{Calls} records were taken over from files of an earlier version; {Left} files could not be read and stay")]
    public static partial void RecordsImported(ILogger logger, int calls, int left);

    [LoggerMessage(79, LogLevel.Warning, "Call {CallId} could not go on: {Sentence}")]
    public static partial void CallNotResumed(ILogger logger, string callId, string sentence);

    [LoggerMessage(80, LogLevel.Warning, "Call {CallId}: its flight recording ends here, because {Why}; the call goes on")]
    public static partial void FlightStopped(ILogger logger, string callId, string why);

    [LoggerMessage(81, LogLevel.Error, "Call {CallId}: its flight recording can't be written; the call goes on")]
    public static partial void FlightFailed(ILogger logger, string callId, Exception failure);

    [LoggerMessage(82, LogLevel.Error, "Call {CallId}: its flight recording was to be removed, and could not be")]
    public static partial void FlightNotErased(ILogger logger, string callId, Exception failure);

    [LoggerMessage(84, LogLevel.Error, "Call {CallId}: the recording of its sound ends here, because {Why}; the call goes on")]
    public static partial void RecordingFailed(ILogger logger, string callId, string why, Exception? failure);

    [LoggerMessage(85, LogLevel.Error, "Call {CallId}: the recording of its sound was to be removed, and could not be")]
    public static partial void RecordingNotErased(ILogger logger, string callId, Exception failure);

    [LoggerMessage(86, LogLevel.Warning, "Call {CallId}: {Dropped} packets are not in its recording: late, duplicate, or not Opus")]
    public static partial void RecordingDropped(ILogger logger, string callId, long dropped);

    [LoggerMessage(87, LogLevel.Error, "Call {CallId}: the recording that a crashed host left could not be completed")]
    public static partial void RecordingNotClosed(ILogger logger, string callId, Exception failure);

    [LoggerMessage(83, LogLevel.Error, "Call {CallId} is erased, but its files could not be removed; that is tried again every hour")]
    public static partial void FilesNotErased(ILogger logger, string callId, Exception failure);

    [LoggerMessage(160, LogLevel.Warning, "The web hook at {Host} does not accept events ({Why}); they are sent again with exponential backoff")]
    public static partial void WebHookFailing(ILogger logger, string host, string why);

    [LoggerMessage(161, LogLevel.Information, "The web hook at {Host} accepts events again")]
    public static partial void WebHookWell(ILogger logger, string host);

    [LoggerMessage(162, LogLevel.Error, "The web hook at {Host} did not accept {Type} of call {CallId} in {Attempts} attempts; it is not sent again. Further events that fail are not logged")]
    public static partial void WebHookDead(ILogger logger, string host, string type, string callId, int attempts);

    [LoggerMessage(163, LogLevel.Error, "The web hook at {Host} answered 410 (gone); it gets no more events until the host restarts")]
    public static partial void WebHookGone(ILogger logger, string host);

    // The trail of one call (docs/operation.md).

    [LoggerMessage(100, LogLevel.Debug, "Call {CallId}: the connection is {State}")]
    public static partial void PeerStateChanged(ILogger logger, string callId, RtcPeerState state);

    [LoggerMessage(101, LogLevel.Debug, "Call {CallId}: the connection failed: {Failure}")]
    public static partial void PeerFailure(ILogger logger, string callId, string failure);

    [LoggerMessage(102, LogLevel.Debug, "Call {CallId}: the connection ends; {Received} audio packets came, {Lost} were lost, {Sent} were sent, {RemoteLoss:P1} lost there at last, {Rejected} datagrams rejected")]
    public static partial void PeerEnded(ILogger logger, string callId, long received, long lost, long sent, double remoteLoss, long rejected);

    [LoggerMessage(103, LogLevel.Debug, "Call {CallId}: dropped {Count} for {Reason}, {Bytes} bytes")]
    public static partial void Dropped(ILogger logger, string callId, long count, DropReason reason, long bytes);

    [LoggerMessage(110, LogLevel.Debug, "Call {CallId}: ICE sends to {Remote} from local address {Local}; {LeftOut} changes since the last line")]
    public static partial void RouteSelected(ILogger logger, string callId, TransportAddress remote, int local, int leftOut);

    [LoggerMessage(111, LogLevel.Debug, "Call {CallId}: ICE restarts with new credentials")]
    public static partial void IceRestarted(ILogger logger, string callId);

    [LoggerMessage(112, LogLevel.Debug, "Call {CallId}: the DTLS handshake begins, as {Role}")]
    public static partial void DtlsStarted(ILogger logger, string callId, DtlsRole role);

    [LoggerMessage(113, LogLevel.Debug, "Call {CallId}: DTLS is connected, SRTP profile {Profile}")]
    public static partial void DtlsConnected(ILogger logger, string callId, SrtpProfile? profile);

    [LoggerMessage(114, LogLevel.Debug, "Call {CallId}: the SCTP association is established")]
    public static partial void AssociationEstablished(ILogger logger, string callId);

    [LoggerMessage(115, LogLevel.Debug, "Call {CallId}: the SCTP association ended: {Reason}")]
    public static partial void AssociationEnded(ILogger logger, string callId, SctpCloseReason reason);

    [LoggerMessage(116, LogLevel.Debug, "Call {CallId}: the data channel is open, stream {Stream}")]
    public static partial void ChannelOpened(ILogger logger, string callId, int stream);

    [LoggerMessage(117, LogLevel.Debug, "Call {CallId}: the data channel is closed, stream {Stream}")]
    public static partial void ChannelClosed(ILogger logger, string callId, int stream);

    [LoggerMessage(118, LogLevel.Debug, "Call {CallId}: audio is {Codec} at {ClockRate} Hz, sent {CanSend}, received {CanReceive}")]
    public static partial void AudioNegotiated(ILogger logger, string callId, string codec, int clockRate, bool canSend, bool canReceive);

    [LoggerMessage(164, LogLevel.Debug, "Call {CallId}: the agent's audio is sent at {Bitrate} bit/s in packets of {PacketMs} ms: {Reason}, queue {QueueMs} ms, path {Capacity} bit/s")]
    public static partial void DownlinkStep(ILogger logger, string callId, int bitrate, double packetMs, string reason, double? queueMs, double? capacity);

    [LoggerMessage(119, LogLevel.Debug, "Call {CallId}: audio of source {Ssrc:x8} begins; {LeftOut} changes since the last line")]
    public static partial void SourceHeard(ILogger logger, string callId, uint ssrc, int leftOut);

    [LoggerMessage(127, LogLevel.Debug, "Call {CallId}: a key of a telephone keypad was pressed, dtmf: {Policy}")]
    public static partial void KeyPressed(ILogger logger, string callId, DtmfPolicy policy);

    [LoggerMessage(120, LogLevel.Debug, "Call {CallId}: model session {Session} is being opened: {Reason}")]
    public static partial void SessionOpening(ILogger logger, string callId, int session, string reason);

    [LoggerMessage(121, LogLevel.Debug, "Call {CallId}: model session {Session} is open, lifetime {Lifetime}")]
    public static partial void SessionOpened(ILogger logger, string callId, int session, TimeSpan? lifetime);

    [LoggerMessage(122, LogLevel.Debug, "Call {CallId}: model session {Session} hears the microphone")]
    public static partial void SessionAdopted(ILogger logger, string callId, int session);

    [LoggerMessage(123, LogLevel.Debug, "Call {CallId}: model session {Session} is lost, for good: {IsFinal}")]
    public static partial void SessionLost(ILogger logger, string callId, int session, bool isFinal);

    [LoggerMessage(124, LogLevel.Debug, "Call {CallId}: model session {Session} is closed")]
    public static partial void SessionClosing(ILogger logger, string callId, int session);

    [LoggerMessage(EventId = 125, Message = "Call {CallId}: {Step}")]
    public static partial void ModelStep(ILogger logger, LogLevel level, string callId, string step);

    [LoggerMessage(EventId = 126, Message = "Call {CallId}: {Step}, {Milliseconds} ms")]
    public static partial void ModelStepTook(ILogger logger, LogLevel level, string callId, string step, double milliseconds);

    [LoggerMessage(130, LogLevel.Debug, "Call {CallId}: media and data channel connected: {Connected}")]
    public static partial void PageConnectionChanged(ILogger logger, string callId, bool connected);

    [LoggerMessage(131, LogLevel.Debug, "Call {CallId}: state {State}")]
    public static partial void StateEntered(ILogger logger, string callId, CallState state);

    [LoggerMessage(132, LogLevel.Debug, "Call {CallId}: the answer is interrupted")]
    public static partial void AgentCutOff(ILogger logger, string callId);

    [LoggerMessage(144, LogLevel.Debug, "Call {CallId}: a preemptive answer was requested; discarded: {InVain}")]
    public static partial void AnswerHoldEnded(ILogger logger, string callId, bool inVain);

    [LoggerMessage(133, LogLevel.Debug, "Call {CallId}: it is to end: {Reason}")]
    public static partial void HangUpRequested(ILogger logger, string callId, string reason);

    [LoggerMessage(134, LogLevel.Trace, "Call {CallId}: the turn machine {Verb} {Step}")]
    public static partial void TurnStep(ILogger logger, string callId, string verb, string step);

    [LoggerMessage(140, LogLevel.Debug, "Call {CallId}: function call {FunctionCallId} of {Tool} ({Target}): {Phase}")]
    public static partial void ToolChanged(ILogger logger, string callId, string functionCallId, string tool, string target, string phase);

    [LoggerMessage(141, LogLevel.Trace, "Call {CallId}: function call {FunctionCallId} of {Tool} reports progress")]
    public static partial void ToolProgressed(ILogger logger, string callId, string functionCallId, string tool);

    [LoggerMessage(170, LogLevel.Information, "Node {Node} joins the cluster of {Servers}")]
    public static partial void NodeJoined(ILogger logger, string node, string servers);

    [LoggerMessage(171, LogLevel.Warning, "Redis does not answer; running calls go on ({Why})")]
    public static partial void ClusterAway(ILogger logger, string why);

    [LoggerMessage(172, LogLevel.Information, "Redis answers again")]
    public static partial void ClusterBack(ILogger logger);

    [LoggerMessage(173, LogLevel.Warning, "The lease of this node had expired; the ownership of its {Calls} calls is checked")]
    public static partial void LeaseLost(ILogger logger, int calls);

    [LoggerMessage(174, LogLevel.Warning, "Call {CallId}: another node has taken it over; it ends here")]
    public static partial void CallFenced(ILogger logger, string callId);

    [LoggerMessage(175, LogLevel.Warning, "Call {CallId}: taken over from node {Node}, epoch {Epoch}")]
    public static partial void CallTakenOver(ILogger logger, string callId, string node, long epoch);

    [LoggerMessage(176, LogLevel.Warning, "Call {CallId}: neither a snapshot nor the store has it; it can't go on")]
    public static partial void CallNotFound(ILogger logger, string callId);

    [LoggerMessage(177, LogLevel.Warning, "Call {CallId}: the store does not answer; it goes on from its snapshot")]
    public static partial void StoreNotAsked(ILogger logger, string callId, Exception failure);

    [LoggerMessage(178, LogLevel.Warning, "Call {CallId}: its snapshot can't be opened; the nodes may have different keys or versions")]
    public static partial void SnapshotUnreadable(ILogger logger, string callId);

    [LoggerMessage(179, LogLevel.Error, "Call {CallId}: its snapshot could not be written")]
    public static partial void SnapshotFailed(ILogger logger, string callId, Exception defect);

    [LoggerMessage(180, LogLevel.Warning, "Node {Node} serves another revision of the role {Role}")]
    public static partial void RoleRevisionDiffers(ILogger logger, string node, string role);

    [LoggerMessage(181, LogLevel.Information, "Call {CallId}: moves to node {Node}; accepted: {Given}, its page was connected there before: {Prepared}")]
    public static partial void CallMoved(ILogger logger, string callId, string node, bool given, bool prepared);

    [LoggerMessage(182, LogLevel.Information, "Call {CallId}: node {Node} could not be prepared for it, try {Attempt}: {Reason}")]
    public static partial void CallNotPrepared(ILogger logger, string callId, string node, int attempt, string reason);
}
