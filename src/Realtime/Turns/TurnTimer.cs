namespace Bridge.Realtime.Turns;

/// <summary>The events that the machine waits for.</summary>
internal enum TurnTimer
{
    /// <summary>A possible interruption counts as real.</summary>
    Verdict,

    /// <summary>Speech that stopped was never committed.</summary>
    Commit,

    /// <summary>The position heard is fixed.</summary>
    Settle,

    /// <summary>Both were silent for the idle time.</summary>
    Idle,

    /// <summary>The successor of the session is opened.</summary>
    Rollover,

    /// <summary>The move to the successor no longer waits for a quiet moment.</summary>
    Force,

    /// <summary>Opening a session is tried again.</summary>
    OpenRetry,

    /// <summary>A response has not moved.</summary>
    Stall,

    /// <summary>A failed response is asked for again.</summary>
    Retry,

    /// <summary>A track should long have been played.</summary>
    Playout,

    /// <summary>Hang-up no longer waits for the recap and the outcome.</summary>
    Recap,

    /// <summary>An update of a session was not answered.</summary>
    Confirm,

    /// <summary>The predecessor of the session is closed.</summary>
    Retire,

    /// <summary>Words replayed into a new session were not heard there: what the caller said before them is still to be answered.</summary>
    Owed,

    /// <summary>No further key of the telephone keypad was pressed.</summary>
    Digits,

    /// <summary>A response has waited too long for the end of speech.</summary>
    NeverQuiet,

    /// <summary>A call whose budget is used up ends, said to its end or not.</summary>
    Goodbye,

    /// <summary>The role's silence has passed: an answer that was asked for ahead may be heard.</summary>
    Hold,

    /// <summary>The usage of the last response is waited for no longer.</summary>
    LastUsage,

    /// <summary>The person has said nothing for a while: what they said is a line of its own.</summary>
    Voice,

    /// <summary>Delegated work of which nothing is heard any more counts as over.</summary>
    Work,
}
