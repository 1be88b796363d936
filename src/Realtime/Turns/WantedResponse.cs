namespace Bridge.Realtime.Turns;

/// <summary>Why a response is wanted; a higher one takes over a lower one.</summary>
internal enum WantedResponse
{
    None,
    Idle,
    Words,
    Progress,
    Greeting,
    Continuation,
    Aloud,
    ToolOutputs,
    Replacement,
    UserTurn,
}
