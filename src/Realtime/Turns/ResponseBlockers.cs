namespace Bridge.Realtime.Turns;

/// <summary>Why no response is requested from the model although one is wanted. All of them have to be gone.</summary>
[Flags]
public enum ResponseBlockers
{
    /// <summary>Nothing is in the way.</summary>
    None = 0,

    /// <summary>No session is adopted.</summary>
    NoSession = 1 << 0,

    /// <summary>The session is given up; its successor is being opened.</summary>
    SessionGivenUp = 1 << 1,

    /// <summary>The page is not connected.</summary>
    PageAway = 1 << 2,

    /// <summary>A response of ours is active.</summary>
    ResponseActive = 1 << 3,

    /// <summary>The service has an active response that we do not know of.</summary>
    OtherResponseActive = 1 << 4,

    /// <summary>The pause after a failed response has not passed.</summary>
    Backoff = 1 << 5,

    /// <summary>The person speaks, or a turn that ended was not committed yet.</summary>
    UserSpeaking = 1 << 6,

    /// <summary>It is not known yet whether a sound is an interruption.</summary>
    VerdictPending = 1 << 7,

    /// <summary>The agent was cut off, and the position heard is not fixed yet.</summary>
    PositionUnsettled = 1 << 8,

    /// <summary>The call is ending.</summary>
    CallEnding = 1 << 9,

    /// <summary>The host is reserving what the response may cost.</summary>
    Budget = 1 << 10,

    /// <summary>The session has not confirmed its configuration yet.</summary>
    ConfigurationPending = 1 << 11,

    /// <summary>The role's silence after the person's words has not passed yet, and nothing is asked for ahead of it.</summary>
    TurnPause = 1 << 12,
}
