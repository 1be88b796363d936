using System.Diagnostics.Metrics;
using System.Globalization;
using Bridge.Calls;
using Bridge.Metrics;

namespace Bridge.Browser.Tests;

/// <summary>Every delay the host's histograms record while a test runs. Figures to print: the machine decides them, not the test.</summary>
internal sealed class HostDelays : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, List<double>> _values = [];

    public HostDelays()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == BridgeMetrics.MeterName && instrument is Histogram<double>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            lock (_values)
            {
                if (!_values.TryGetValue(instrument.Name, out var values))
                {
                    _values[instrument.Name] = values = [];
                }

                values.Add(value);
            }
        });
        _listener.Start();
    }

    public void Print(ITestOutputHelper output, Call? call)
    {
        lock (_values)
        {
            foreach (var (name, values) in _values)
            {
                var sorted = values.Order().ToList();
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name}: p50 {At(sorted, 0.5):F2} ms, p99 {At(sorted, 0.99):F2} ms, most {sorted[^1]:F2} ms ({sorted.Count})"));
            }
        }

        if (call?.Listener?.Stats is { AppendCount: > 0 } stats)
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"append to the socket's acceptance: mean {stats.AppendDelayTotalMicroseconds / 1000.0 / stats.AppendCount:F2} ms, p99 "
                        + $"{stats.AppendDelayP99Microseconds / 1000.0:F2} ms, most {stats.AppendDelayMaxMicroseconds / 1000.0:F2} ms "
                        + $"({stats.AppendCount})"));
        }

        if (File.Exists("/proc/loadavg"))
        {
            output.WriteLine($"machine: {Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Trim()}");
        }
    }

    public void Dispose() => _listener.Dispose();

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}
