using Bridge.Realtime.Flight;

namespace Bridge.Flights;

/// <summary>Where the steps of one call go. One thread at a time. Every member may throw <see cref="IOException"/>.</summary>
internal interface IFlightSink : IDisposable
{
    /// <summary>Takes a step.</summary>
    void Write(FlightStep step);

    /// <summary>Steps so far are kept as safely as this sink can. False: it is full, and takes no more.</summary>
    bool Flush();

    /// <summary>The call, or its recording, is over.</summary>
    void End(string reason, bool complete);
}
