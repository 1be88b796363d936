namespace Bridge.Realtime.Turns;

/// <summary>The use of the microphone's audio.</summary>
public enum UplinkMode
{
    /// <summary>Appended as it comes.</summary>
    Live,

    /// <summary>Replaced by silence of the same length, so that the service's voice detection can end a turn (mute).</summary>
    Silence,

    /// <summary>Not appended (push to talk with the key up, or no session).</summary>
    Closed,
}
