namespace Bridge.Realtime.Turns;

/// <summary>The meaning of the service's refusal for a session's configuration.</summary>
internal enum ConfigurationRefusal
{
    /// <summary>The command was no update of the session.</summary>
    None,

    /// <summary>A function or a field was left out, and the rest is asked for again.</summary>
    Left,

    /// <summary>The refused part can not be left out: the session does not get this configuration.</summary>
    Whole,
}
