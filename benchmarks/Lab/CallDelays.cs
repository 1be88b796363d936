using System.Diagnostics.Metrics;
using System.Globalization;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Calls;
using Bridge.Hosting;
using Bridge.Metrics;
using Bridge.Rtc.Dtls;
using Bridge.Signaling;
using Bridge.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// <c>-- call [CALLS] [SECONDS] [CODEC] [live]</c>: the host with its rehearsal model and callers over real sockets, and what the host's
/// own histograms say: from a packet's arrival to its append, from the model's delta to the first packet.
/// </summary>
internal static class CallDelays
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10); // the runtime compiles

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int calls = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1;
        int seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 30;
        string codec = args.Length > 2 ? args[2] : "auto";
        bool live = args.Length > 3 && args[3] == "live";
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bridge-bench-");
        try
        {
            await using WebApplication host = BridgeHost.Build(Settings(folder, codec, live), ChosenEngine.Engine);
            await host.StartAsync();
            using (DtlsIdentity identity = OpenSslIdentity.Create())
            using (var clock = new PacketClock(TimeProvider.System, TimeProvider.System.GetTimestamp()))
            {
                byte[][] room = Room();
                BenchCaller[] callers = [.. Enumerable.Range(0, calls).Select(i => new BenchCaller(identity, clock, room, i))];
                var gateway = host.Services.GetRequiredService<ICallGateway>();
                for (int i = 0; i < calls; i++)
                {
                    await callers[i].ConnectAsync(gateway, "teller", $"bench {i}");
                }

                await Task.Delay(WarmUp);
                await MeasureAsync(host, callers, TimeSpan.FromSeconds(seconds), output);
                Array.ForEach(callers, caller => caller.Dispose());
            }

            await host.StopAsync();
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(WebApplication host, BenchCaller[] callers, TimeSpan time, TextWriter output)
    {
        Dictionary<string, List<double>> values = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Name == BridgeMetrics.MeterName && instrument is Histogram<double>)
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            lock (values)
            {
                if (!values.TryGetValue(instrument.Name, out List<double>? all))
                {
                    values[instrument.Name] = all = [];
                }

                all.Add(value);
            }
        });
        int questions = callers.Sum(caller => caller.Questions);
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetTotalAllocatedBytes();
        var before = Processors.Read();
        TimeSpan used = Environment.CpuUsage.TotalTime;
        listener.Start();
        await Task.Delay(time);
        listener.Dispose();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{ChosenEngine.Engine.Name}: {callers.Length} calls, {time.TotalSeconds:F0} s, "
                    + $"{callers.Sum(caller => caller.Questions) - questions} questions; "
                    + $"processors {Processors.Idle(before)}; this process {100 * (Environment.CpuUsage.TotalTime - used) / time:F1} % of "
                    + $"one; {GC.CollectionCount(0) - collections} collections, "
                    + $"{(GC.GetTotalAllocatedBytes() - allocated) / time.TotalSeconds / 1000:F0} kB allocated a second"));
        lock (values)
        {
            foreach ((string name, List<double> all) in values.OrderBy(pair => pair.Key))
            {
                all.Sort();
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {name}: p50 {At(all, 0.5):F3}, p90 {At(all, 0.9):F3}, p99 {At(all, 0.99):F3}, p99.9 {At(all, 0.999):F3}, most "
                            + $"{all[^1]:F3} ms ({all.Count})"));
            }
        }

        foreach (Call call in host.Services.GetRequiredService<CallRegistry>().Calls.Take(1))
        {
            if (call.Listener?.Stats is { AppendCount: > 0 } stats)
            {
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  append to the socket's acceptance, one call: p99 {stats.AppendDelayP99Microseconds / 1000.0:F2}, most "
                            + $"{stats.AppendDelayMaxMicroseconds / 1000.0:F2} ms ({stats.AppendCount})"));
            }
        }
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private static Dictionary<string, string?> Settings(DirectoryInfo folder, string codec, bool live)
    {
        DirectoryInfo role = folder.CreateSubdirectory("roles/teller");
        File.WriteAllText(Path.Combine(role.FullName, "role.yaml"), """
            name: Time teller
            emoji: "🕰"
            description: Says a word.
            language: en
            greeting: true
            limits: { minutes: 30, tool_steps: 4 }
            """ + (live ? "\nmodel: { name: gpt-live-1, delegation: responses, backend: rehearsal }\n" : ""));
        File.WriteAllText(Path.Combine(role.FullName, "agent.instruct"), "You say a word.");
        File.WriteAllText(Path.Combine(role.FullName, "rehearsal.yaml"), """
            greeting: Yes?
            hears: [And now?]
            rules: []
            otherwise: Now.
            """);
        return new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
            ["Bridge:Loopback"] = "true",
            ["Bridge:Roles"] = Path.Combine(folder.FullName, "roles"),
            ["Bridge:RehearsalVoice"] = "synthetic",
            ["Bridge:Codec"] = codec,
            ["Bridge:OpenAi:ApiKey"] = "",
            ["Bridge:Data"] = Path.Combine(folder.FullName, "data"),
        };
    }

    /// <summary>Five seconds of a quiet room, as packets.</summary>
    private static byte[][] Room()
    {
        using var codec = new OpusCodec(new OpusCodecOptions { SampleRate = 48000 });
        var random = new Random(1);
        short[] pcm = new short[960];
        byte[] packet = new byte[1275];
        byte[][] packets = new byte[250][];
        for (int i = 0; i < packets.Length; i++)
        {
            for (int k = 0; k < pcm.Length; k++)
            {
                pcm[k] = (short)random.Next(-18, 19);
            }

            packets[i] = packet[..codec.Encode(pcm, packet)];
        }

        return packets;
    }
}
