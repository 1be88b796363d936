using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bridge.Metrics;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Records;

/// <summary>The time that a stored entry takes from its event: measured for each, charted here, never asserted.</summary>
public sealed class RecordDelayTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_fact_of_a_call_tells_how_long_its_commit_took()
    {
        var data = Directory.CreateTempSubdirectory("bridge-delay-").FullName;
        try
        {
            var role = Directory.CreateDirectory(Path.Combine(data, "roles", "talker")).FullName;
            await File.WriteAllTextAsync(Path.Combine(role, "role.yaml"), "name: Talker\ndescription: Talks.\n", Cancellation);
            await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
            await using var host = await RunningHost.StartAsync(
                ("Data", data), ("Roles", Path.Combine(data, "roles")), ("Loopback", "true"));
            var instrument = host.Get<BridgeMetrics>().RecordDelay;
            Assert.Equal(("bridge.records.delay", "ms"), (instrument.Name, instrument.Unit));
            var delays = new ConcurrentBag<double>();
            using var listener = new MeterListener();
            listener.InstrumentPublished = (published, own) =>
            {
                if (ReferenceEquals(published, instrument))
                {
                    own.EnableMeasurementEvents(published);
                }
            };
            listener.SetMeasurementEventCallback<double>((_, ms, _, _) => delays.Add(ms));
            listener.Start();

            await using var page = await ProgramPage.CallAsync(host.Address, "talker", Cancellation);
            for (var i = 0; i < 10; i++)
            {
                await page.SayAsync($"hello {i}", Cancellation);
                await page.Ear.MoreAsync(20, Cancellation);
            }

            await page.HangUpAsync(Cancellation);
            var sorted = delays.Order().ToList();
            Assert.InRange(sorted.Count, 30, 10_000);
            Assert.All(sorted, ms => Assert.InRange(ms, 0, double.MaxValue));
            output.WriteLine(
                $"{sorted.Count} facts: p50 {At(0.5):0.0} ms, p95 {At(0.95):0.0} ms, p99 {At(0.99):0.0} ms, largest {sorted[^1]:0.0} ms");

            double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
