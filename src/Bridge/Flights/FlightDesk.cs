using Bridge.Configuration;
using Bridge.Records;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Flights;

/// <summary>The host's part of a flight recorder.</summary>
internal sealed class FlightDesk(CallFiles files, HostClock clock, IOptions<BridgeOptions> options, ILogger<FlightDesk> logger)
{
    /// <summary>Files of calls.</summary>
    public CallFiles Files => files;

    /// <summary>The host's.</summary>
    public HostClock Clock => clock;

    /// <summary>Told of recordings that end before their call.</summary>
    public ILogger Logger => logger;

    /// <summary>The host's rule of what is kept of calls.</summary>
    public FlightMode Mode { get; } = options.Value.FlightRecorder switch
    {
        "on" => FlightMode.On, "last-minutes" => FlightMode.LastMinutes, _ => FlightMode.Off,
    };

    /// <summary>Whether a call with these records is kept: its words are in the file.</summary>
    public bool Allows(RoleRecords records) => RecordPolicy.Of(records, options.Value.Records).Transcript == TranscriptPolicy.Yes;
}
