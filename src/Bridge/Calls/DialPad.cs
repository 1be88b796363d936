using Bridge.Limits;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>Keys of a telephone keypad on their way from the media to the turn machine, where the role lets anybody hear them.</summary>
internal sealed class DialPad(CallRole role, CallMailbox mailbox, PageLimits limits, CallReports reports)
{
    private bool _reported;

    /// <summary>A key was pressed. Waits for nothing; called by one thread at a time.</summary>
    /// <param name="digit">As RFC 4733 names it: 0 to 9, *, #, A to D.</param>
    public void Press(char digit)
    {
        if (role.Current.Dtmf == DtmfPolicy.None)
        {
            return;
        }

        if (limits.TakesDigit())
        {
            mailbox.Post(new TurnInput.DigitPressed(digit));
        }
        else if (!_reported)
        {
            // Once a call: whoever sends keys without end does not fill the log.
            _reported = true;
            reports.Problem("dtmf_limit", "More keys are pressed than a person presses (Bridge:Limits:Digits); those beyond are left out.");
        }
    }
}
