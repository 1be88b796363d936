namespace Bridge.Realtime.Turns;

/// <summary>What happens to a running tool when the caller interrupts.</summary>
public enum ToolBargeIn
{
    /// <summary>It goes on; its answer joins the next turn.</summary>
    Keep,

    /// <summary>It is cancelled and the model is told so.</summary>
    Cancel,

    /// <summary>It goes on, but the model is told at once that it runs in the background, and of the result when it comes.</summary>
    Detach,
}
