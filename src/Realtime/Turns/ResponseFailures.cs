using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>Responses that failed in a row, and the provider's rate limit: how long the next one waits, and when a session counts as
/// wedged.</summary>
internal sealed class ResponseFailures(TurnContext context, Deadline retry)
{
    private const int MaxRateLimitWaits = 5;
    private int _failures;
    private int _sessionsGivenUp;
    private int _rateLimitWaits;
    private TimeSpan _rateLimitReset;

    /// <summary>A response ended well.</summary>
    public void Clear() => (_failures, _sessionsGivenUp, _rateLimitWaits) = (0, 0, 0);

    /// <summary>A response failed: the next one waits. True when the session counts as wedged and is to be replaced.</summary>
    public bool OnFailed(string? reason)
    {
        var now = context.Now;
        if (reason == "rate_limit_exceeded" && ++_rateLimitWaits <= MaxRateLimitWaits)
        {
            // Not the session's fault: another one would be refused as well.
            var soonest = now + TimeSpan.FromSeconds(1);
            retry.Set(_rateLimitReset > soonest ? _rateLimitReset : soonest);
            return false;
        }

        if (++_failures < context.Options.FailuresBeforeRollover)
        {
            retry.Set(now + (TimeSpan.FromMilliseconds(200) * _failures));
            return false;
        }

        context.Report("session_wedged", _failures.ToString(CultureInfo.InvariantCulture) + " responses failed in a row");
        _failures = 0;
        return true;
    }

    /// <summary>A session is given up because its responses fail or hang. False when so many were that the call has to end.</summary>
    public bool TryGiveUpSession() => ++_sessionsGivenUp < context.Options.OpenAttempts;

    /// <summary><c>rate_limits.updated</c>.</summary>
    public void OnRateLimits(ModelEvent.RateLimitsUpdated limits)
    {
        _rateLimitReset = context.Now + TimeSpan.FromSeconds(Math.Clamp(limits.ResetSeconds, 0, 60));
        if (limits.RemainingRequests <= 0 || limits.RemainingTokens <= 0)
        {
            context.Report("rate_limit_reached", "nothing is left of the provider's limit for now");
        }
    }
}
