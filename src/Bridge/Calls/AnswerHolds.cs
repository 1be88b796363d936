using Bridge.Metrics;
using Bridge.Trail;

namespace Bridge.Calls;

/// <summary>Tells of the answers of one call that were asked for before the role's silence had passed: metrics, inspector, trail.</summary>
internal sealed class AnswerHolds(CallRole role, CallTimings timings, ModelTrace trace, CallTrail trail, BridgeMetrics metrics)
{
    /// <summary>The hold of an answer is over.</summary>
    /// <param name="inVain">The person went on, and nothing of it was heard.</param>
    public void End(bool inVain)
    {
        metrics.AskedAhead(role.Current.Slug, inVain);
        timings.HoldEnded(inVain);
        trace.Note("answer asked for ahead", inVain ? "in vain" : "heard from now on");
        Log.AnswerHoldEnded(trail.Turns, trail.CallId, inVain);
    }

    /// <summary>The call asks for no more answers ahead.</summary>
    /// <param name="why">A sentence with figures.</param>
    public void TurnOff(string why) => trace.Note("asking ahead is off", why);
}
