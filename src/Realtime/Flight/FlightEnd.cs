namespace Bridge.Realtime.Flight;

/// <summary>How a flight file ends.</summary>
public enum FlightEnd
{
    /// <summary>With the call.</summary>
    Complete,

    /// <summary>Before the call did: the recorder had no room, or no disk.</summary>
    Stopped,

    /// <summary>Without an end: the host crashed, or the file was cut.</summary>
    Cut,

    /// <summary>With something that is no line of a flight file.</summary>
    Damaged,
}
