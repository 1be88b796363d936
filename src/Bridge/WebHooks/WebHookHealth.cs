using Bridge.Metrics;
using Bridge.Records;

namespace Bridge.WebHooks;

/// <summary>Whether a receiver takes its events; says each change once, and names the receiver by the host of its address.</summary>
internal sealed class WebHookHealth(string host, BridgeMetrics metrics, ILogger logger)
{
    private readonly Lock _gate = new();
    private bool _failing;
    private bool _dead;
    private bool _gone;

    /// <summary>True once it has answered 410: it gets nothing more until the host starts again.</summary>
    public bool IsGone
    {
        get
        {
            lock (_gate)
            {
                return _gone;
            }
        }
    }

    /// <summary>An attempt was made.</summary>
    public void Answered(OutboxItem item, WebHookAnswer answer)
    {
        var last = answer.Outcome is WebHookOutcome.Failed or WebHookOutcome.Busy && item.Attempt >= WebHookSchedule.MaxAttempts;
        metrics.WebHook(last ? "dead" : answer.Outcome switch
        {
            WebHookOutcome.Delivered => "delivered", WebHookOutcome.Gone => "gone", _ => "failed",
        });
        lock (_gate)
        {
            if (answer.Outcome == WebHookOutcome.Delivered)
            {
                if (_failing)
                {
                    Log.WebHookWell(logger, host);
                }

                _failing = _dead = false;
                return;
            }

            if (answer.Outcome == WebHookOutcome.Gone)
            {
                if (!_gone)
                {
                    Log.WebHookGone(logger, host);
                }

                _gone = true;
                return;
            }

            if (!_failing)
            {
                Log.WebHookFailing(logger, host, answer.Why);
            }

            if (last && !_dead)
            {
                Log.WebHookDead(logger, host, item.Type, item.Call, item.Attempt);
            }

            _failing = true;
            _dead |= last;
        }
    }
}
