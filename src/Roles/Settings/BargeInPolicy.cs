namespace Bridge.Roles.Settings;

/// <summary>The handling of a running tool when the caller interrupts.</summary>
public enum BargeInPolicy
{
    /// <summary>It is cancelled; its output says so to the model.</summary>
    Cancel,

    /// <summary>It goes on; its result is its output, and the model answers it.</summary>
    Keep,

    /// <summary>
    /// It goes on in the background. Its output says so at once; its result follows as a system message, which the model answers.
    /// </summary>
    Detach,
}
