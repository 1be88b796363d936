namespace Bridge.Realtime.Turns;

/// <summary>
/// Bounds how long a response waits for the end of speech that does not end: a room with a radio is never quiet. It watches
/// <see cref="ResponseBlockers.UserSpeaking"/> when that is all that is in the way.
/// </summary>
internal sealed class SpeakerPatience(TurnContext context)
{
    // Outputs of functions are awaited by somebody; a sentence that goes on for 5 s after them is not about them. Nor is one to
    // somebody who has not been greeted yet.
    private static readonly TimeSpan ForOutputs = TimeSpan.FromSeconds(5);

    // Nobody speaks so long without a pause of half a second.
    private static readonly TimeSpan ForAny = TimeSpan.FromSeconds(30);
    private readonly Deadline _due = context.Timers.Own(TurnTimer.NeverQuiet);
    private WantedResponse _waiting;
    private bool _reported;

    /// <summary>After each input: the response that waits for the speaker alone; None: there is none.</summary>
    public void Watch(WantedResponse waiting)
    {
        if (waiting == _waiting)
        {
            return;
        }

        _waiting = waiting;
        if (waiting == WantedResponse.None)
        {
            _due.Clear();
        }
        else
        {
            _due.Set(context.Now + (waiting is WantedResponse.ToolOutputs or WantedResponse.Greeting ? ForOutputs : ForAny));
        }
    }

    /// <summary>The timer <see cref="TurnTimer.NeverQuiet"/> is due.</summary>
    public void OnDue()
    {
        if (_waiting is not (WantedResponse.ToolOutputs or WantedResponse.Greeting) && !_reported)
        {
            _reported = true;
            context.Report("never_quiet", "speech without a pause for 30 s; it is not waited for any more");
        }

        _waiting = WantedResponse.None;
    }
}
