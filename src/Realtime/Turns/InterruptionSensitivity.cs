namespace Bridge.Realtime.Turns;

/// <summary>How readily the caller's voice stops the agent.</summary>
public enum InterruptionSensitivity
{
    /// <summary>Never by voice; the page's stop button still works.</summary>
    Off,

    /// <summary>Only when words were recognised or speech lasted 600 ms.</summary>
    Low,

    /// <summary>When the model's voice detection hears speech.</summary>
    Normal,

    /// <summary>As Normal, and already on the page's own detection.</summary>
    High,
}
