namespace Bridge.Roles;

/// <summary>What happens to a running tool when the caller interrupts.</summary>
public enum BargeInPolicy
{
    /// <summary>It is cancelled and the model is told so.</summary>
    Cancel,

    /// <summary>It goes on and its result is answered as usual.</summary>
    Keep,

    /// <summary>It goes on; the model is told at once that it runs in the background, and of its result, which it answers, when it comes.</summary>
    Detach,
}
