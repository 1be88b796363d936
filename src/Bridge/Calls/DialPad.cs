using Bridge.Limits;
using Bridge.Realtime.Turns;
using Bridge.Trail;

namespace Bridge.Calls;

/// <summary>Keys of a telephone keypad on their way from the media to the turn machine, where the role lets anybody hear them.</summary>
internal sealed class DialPad(CallRole role, CallMailbox mailbox, PageLimits limits, CallReports reports, CallTrail trail)
{
    private bool _reported;

    /// <summary>A key was pressed. Waits for nothing; called by one thread at a time.</summary>
    /// <param name="digit">As RFC 4733 names it: 0 to 9, *, #, A to D.</param>
    public void Press(char digit)
    {
        if (limits.TakesDigit())
        {
            var told = role.Current.Dtmf;
            Log.KeyPressed(trail.Rtp, trail.CallId, told);
            if (told != DtmfPolicy.None)
            {
                mailbox.Post(new TurnInput.DigitPressed(digit));
            }
        }
        else if (!_reported && role.Current.Dtmf != DtmfPolicy.None)
        {
            // Once a call: a page that sends keys without end does not fill the log.
            _reported = true;
            reports.Problem("dtmf_limit", "More keys are pressed than a person presses (Bridge:Limits:Digits); those beyond are left out.");
        }
    }
}
