namespace Bridge.Roles;

/// <summary>What happens to a running tool when the caller interrupts.</summary>
public enum BargeInPolicy
{
    /// <summary>It is cancelled and the model is told so.</summary>
    Cancel,

    /// <summary>It goes on and its result is answered as usual.</summary>
    Keep,

    /// <summary>It goes on; its result is recorded without a new response.</summary>
    Detach,
}
