namespace Bridge.Flights;

/// <summary>The inputs of a call that are kept (<c>Bridge:FlightRecorder</c>).</summary>
internal enum FlightMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>Everything, written as it happens.</summary>
    On,

    /// <summary>In memory what a bounded buffer holds, written when the call ends.</summary>
    LastMinutes,
}
