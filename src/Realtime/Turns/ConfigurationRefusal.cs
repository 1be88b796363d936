namespace Bridge.Realtime.Turns;

/// <summary>What the service's refusal of a command means for a session's configuration.</summary>
internal enum ConfigurationRefusal
{
    /// <summary>The command was no update of the session.</summary>
    None,

    /// <summary>A function or a field was left out, and the rest is asked for again.</summary>
    Left,

    /// <summary>What was refused can not be left out: the session does not get this configuration.</summary>
    Whole,
}
