namespace Bridge.Realtime.Turns;

/// <summary>The state of the call that the person sees; the page shows the lower-case name.</summary>
public enum CallState
{
    /// <summary>The model session or the page is not there yet.</summary>
    Connecting,

    /// <summary>It is the person's turn.</summary>
    Listening,

    /// <summary>The model works on an answer or a tool runs, and nothing is audible.</summary>
    Thinking,

    /// <summary>The agent is audible.</summary>
    Speaking,

    /// <summary>Person and agent speak at the same time; only with a full-duplex model.</summary>
    Both,

    /// <summary>Delegated work is done and nobody speaks; only with a full-duplex model.</summary>
    Working,

    /// <summary>The page or the model went away and is expected back.</summary>
    Reconnecting,

    /// <summary>The call is over.</summary>
    Ended,
}
