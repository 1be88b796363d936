namespace Bridge.Roles.Settings;

/// <summary>How easily the caller's speech interrupts the agent.</summary>
public enum InterruptSensitivity
{
    /// <summary>Never; what was said is answered after the agent's sentence.</summary>
    Off,

    /// <summary>Never, and speech that began over the agent is dropped: it is not answered.</summary>
    Ignore,

    /// <summary>Only by speech that lasts.</summary>
    Low,

    /// <summary>As soon as speech is detected.</summary>
    Normal,

    /// <summary>At the page's first guess of speech, before the model's service confirms it.</summary>
    High,
}
