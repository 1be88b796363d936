using Bridge.Metrics;
using Bridge.Realtime.Turns;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>A living call as its operator sees it: values that the call keeps anyway, read without a lock of the audio path.</summary>
/// <param name="State">Its state as the caller sees it.</param>
/// <param name="Blockers">Why the response that is wanted is not requested.</param>
/// <param name="Cost">US dollars so far; null without a price.</param>
/// <param name="CallerLevel">Level of the caller, dBov; null before the first packet.</param>
/// <param name="AgentLevel">Level of the agent, dBov; null before the first packet.</param>
/// <param name="Delays">Hop by hop, of the latest second; null before anything was measured.</param>
/// <param name="Link">Figures of the connection, of the latest second; null without one.</param>
internal sealed record CallVitals(
    CallState State,
    ResponseBlockers Blockers,
    decimal? Cost,
    int? CallerLevel,
    int? AgentLevel,
    CallDelays? Delays,
    MediaPeerStats? Link);
