namespace Bridge.Rehearsal;

/// <summary>The idle timeout of server_vad: fires when nobody spoke for so long after the model's last audio was played.</summary>
internal sealed class IdleTimeout(SessionTimers timers)
{
    private int _round;

    /// <summary>Something happened: the armed timeout no longer fires.</summary>
    public void Cancel() => _round++;

    /// <summary>Arms the timeout in place of the one armed before.</summary>
    /// <param name="at">When it is due.</param>
    /// <param name="due">Is given that time.</param>
    public void Arm(TimeSpan at, Action<TimeSpan> due)
    {
        var round = ++_round;
        timers.Add(at, time =>
        {
            if (round == _round)
            {
                due(time);
            }
        });
    }
}
