namespace Bridge.Realtime.Turns;

/// <summary>
/// Notices that both sides have been silent for long: the agent asks whether the person is still there, a few times in a row.
/// </summary>
internal sealed class SilenceWatch(TurnContext context)
{
    // A person who does not answer twice is not there.
    private const int MaxPrompts = 2;
    private readonly Deadline _idle = context.Timers.Own(TurnTimer.Idle);
    private int _prompts;

    /// <summary>The person has done something.</summary>
    public void Reset() => _prompts = 0;

    /// <summary>After each input: whether nothing goes on at all.</summary>
    public void Watch(bool silent)
    {
        if (!silent || _prompts >= MaxPrompts || context.Options.IdleTimeout is not { } timeout)
        {
            _idle.Clear();
        }
        else if (!_idle.IsSet)
        {
            _idle.Set(context.Now + timeout);
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Idle"/> is due.</summary>
    public WantedResponse OnDue()
    {
        _prompts++;
        return WantedResponse.Idle;
    }
}
