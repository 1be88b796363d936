using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The time that a session may take to confirm its configuration, and whether the server confirms anything at all.</summary>
internal sealed class ConfirmationWatch(TurnContext context)
{
    // A service that works answers an update within a round trip.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ForeignPatience = TimeSpan.FromSeconds(3);
    private readonly Deadline _due = context.Timers.Own(TurnTimer.Confirm);
    private bool _confirmed;
    private bool _assumed;

    private TimeSpan Wait => context.Has(ServerHabits.MayNotConfirm) && !_confirmed ? ForeignPatience : Patience;

    /// <summary>A session has confirmed an update, or it was assumed.</summary>
    public void OnUpdated() => _confirmed |= !_assumed;

    /// <summary>The session's update waits for too long.</summary>
    public bool IsOverdue(ModelLink? link) => link?.Configuration.PendingSince <= context.Now - Wait;

    /// <summary>Watches the updates of these sessions.</summary>
    public void Watch(ModelLink? current, ModelLink? next)
    {
        var (first, second) = (current?.Configuration.PendingSince, next?.Configuration.PendingSince);
        if ((first < second ? first : second ?? first) is { } since)
        {
            _due.Set(since + Wait);
        }
        else
        {
            _due.Clear();
        }
    }

    /// <summary>True when this server has never confirmed anything and need not: its last configuration counts as in force.</summary>
    public bool TryAssume()
    {
        if (_confirmed || !context.Has(ServerHabits.MayNotConfirm))
        {
            return false;
        }

        if (!_assumed)
        {
            _assumed = true;
            context.Report("configuration_assumed",
                "the model's server does not answer session.update; the configuration that was sent counts as in force");
        }

        return true;
    }
}
