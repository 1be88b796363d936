using Bridge.Calls;
using Bridge.Metrics;
using Bridge.Realtime.Turns;

namespace Bridge.Operation;

/// <summary>A living call, as the operator's page shows it.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Role">Slug of its role of the moment.</param>
/// <param name="Name">That role's name.</param>
/// <param name="Emoji">That role's emoji; may be empty.</param>
/// <param name="Model">Model that answers.</param>
/// <param name="Caller">The person; null when nobody vouched for one.</param>
/// <param name="State">Its state as the caller sees it.</param>
/// <param name="Ending">True once it was told to end.</param>
/// <param name="Started">When it was joined.</param>
/// <param name="Cost">US dollars so far; null without a price.</param>
/// <param name="CallerLevel">Level of the caller, dBov from -127 to 0; null before the first packet.</param>
/// <param name="AgentLevel">Level of the agent, likewise.</param>
/// <param name="Delays">Hop by hop, ms; null before anything was measured.</param>
/// <param name="RoundTripMs">To the caller's browser and back; null until measured.</param>
/// <param name="LossPercent">Of our packets, how many its browser lost of late.</param>
/// <param name="Blockers">Why the response that is wanted is not requested.</param>
internal sealed record LiveCall(
    string Id,
    string Role,
    string Name,
    string Emoji,
    string Model,
    string? Caller,
    CallState State,
    bool Ending,
    DateTimeOffset Started,
    decimal? Cost,
    int? CallerLevel,
    int? AgentLevel,
    CallDelays? Delays,
    double? RoundTripMs,
    double? LossPercent,
    IReadOnlyList<ResponseBlockers> Blockers)
{
    private static readonly ResponseBlockers[] Every = [.. Enum.GetValues<ResponseBlockers>().Where(b => b != ResponseBlockers.None)];

    /// <summary>A call at this moment.</summary>
    public static LiveCall Of(Call call)
    {
        var vitals = call.Vitals;
        var role = call.Role;
        return new LiveCall(
            call.Id, role.Slug, role.Name, role.Emoji, call.Model.Name, call.Caller.Subject, vitals.State, call.IsEnding, call.Started,
            vitals.Cost, vitals.CallerLevel, vitals.AgentLevel, vitals.Delays, vitals.Link?.RoundTripMilliseconds,
            vitals.Link?.RemoteLoss * 100, [.. Every.Where(b => vitals.Blockers.HasFlag(b))]);
    }
}
