using System.Diagnostics.Metrics;
using Bridge.Audio.Uplink;
using Bridge.Metrics;

namespace Bridge.Tests;

/// <summary>The host's meter as an engineer reads it.</summary>
public sealed class BridgeMetricsTests
{
    [Fact]
    public void The_fate_of_a_callers_packets_is_counted_by_kind()
    {
        // Other tests' hosts have meters of the same name; these numbers are nobody else's.
        AudioUplinkStats stats = new()
        {
            Received = 7_000_000_001,
            Late = 7_000_000_002,
            Lost = 7_000_000_003,
            Duplicate = 7_000_000_004,
            Reordered = 7_000_000_005,
            Corrupt = 7_000_000_006,
            Recovered = 7_000_000_007,
            Concealed = 7_000_000_008,
            Subdued = 7_000_000_009,
        };
        Dictionary<string, long> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "bridge.uplink.packets")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (value > 7_000_000_000)
            {
                lock (counted)
                {
                    counted.Add((string)tags[0].Value!, value);
                }
            }
        });
        listener.Start();
        using BridgeMetrics metrics = new();
        metrics.UplinkEnded(stats);
        Assert.Equal(
            ["received", "late", "lost", "duplicate", "reordered", "corrupt", "recovered", "concealed", "subdued"],
            counted.OrderBy(pair => pair.Value).Select(pair => pair.Key));
        Assert.Equal(Enumerable.Range(1, 9).Select(i => 7_000_000_000L + i), counted.Values.Order());
    }
}
