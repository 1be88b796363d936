namespace Bridge.Roles.Settings;

/// <summary>How easily the caller's speech interrupts the agent.</summary>
public enum InterruptSensitivity
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>Only by speech that lasts.</summary>
    Low,

    /// <summary>As soon as speech is detected.</summary>
    Normal,

    /// <summary>At the page's first guess of speech, before the model's service confirms it.</summary>
    High,
}
