using Bridge.Benchmarks.Peers;
using Bridge.Benchmarks.Suites;

namespace Bridge.Benchmarks;

/// <summary><c>-- ratios</c>: every resampler beside speexdsp in one run of some seconds, for a noisy machine.</summary>
internal static class Ratios
{
    internal static void Run(TextWriter output)
    {
        foreach ((int from, int to) in new[] { (48000, 24000), (24000, 48000) })
        {
            string[] names = [.. ResamplerCatalog.Installed];
            float[] input = [.. Enumerable.Range(0, from / 50).Select(i => MathF.Sin(i * 0.1f))];
            float[] room = new float[(to / 50) + 256];
            IStreamResampler[] resamplers = [.. names.Select(name => ResamplerCatalog.Make(name, from, to))];
            (double Median, double Low, double High)[] costs = Stopwatches.Compare(
                101, 50, [.. resamplers.Select(resampler => (Action)(() => resampler.Process(input, room)))]);
            int reference = Array.IndexOf(names, "speexdsp-q5");
            output.WriteLine($"{from} -> {to} Hz, float, 20 ms frames: median µs (25th-75th percentile), times faster than speexdsp-q5");
            for (int i = 0; i < names.Length; i++)
            {
                string ratio = reference < 0 ? "-" : $"{costs[reference].Median / costs[i].Median:F1}x";
                output.WriteLine($"  {names[i],-22} {costs[i].Median,8:F2} ({costs[i].Low:F2}-{costs[i].High:F2})  {ratio}");
                resamplers[i].Dispose();
            }
        }

        Calls(output);
        foreach (string name in ResamplerCatalog.Missing)
        {
            output.WriteLine($"skipped, not installed: {name}");
        }
    }

    /// <summary>The overhead of a call over libopus alone, both ways, and the cost of each encoder setting.</summary>
    private static void Calls(TextWriter output)
    {
        var up = new UplinkBenchmarks();
        var down = new DownlinkBenchmarks();
        var decode = new OpusDecodeBenchmarks();
        up.Setup();
        down.Setup();
        decode.Setup();
        OpusEncodeBenchmarks[] encoders =
        [
            .. new[]
            {
                "RestrictedLowDelay/5", "Voip/5", "Voip/5/noFEC", "Voip/10",
            }.Select(setting => new OpusEncodeBenchmarks { Setting = setting }),
        ];
        Array.ForEach(encoders, encoder => encoder.Setup());
        var concentus = new EngineBenchmarks();
        concentus.Setup();
        string[] names =
        [
            "bare decode", "whole uplink", "bare encode", "whole downlink", "up, decode at 24 kHz", "up, 48 kHz and resample",
            .. encoders.SelectMany(e => new[] { $"encode {e.Setting} at 24 kHz", $"encode {e.Setting}, resampled to 48 kHz" }),
            "Concentus: up, 48 kHz and resample", "Concentus: concealment", "Concentus: encode RestrictedLowDelay/5 at 24 kHz",
            "Concentus: encode Voip/5 at 24 kHz",
        ];
        Action[] actions =
        [
            () =>
                up.BareDecode(), () =>
                    up.Packet(), () => down.BareEncode(), () => down.Packet(), () => decode.At24kHz(), () => decode.ByWayOf48kHz(),
            .. encoders.SelectMany(e => new Action[] { () => e.At24kHz(), () => e.ByWayOf48kHz() }),
            () =>
                concentus.ConcentusDecode(), () =>
                    concentus.ConcentusConcealment(), () => concentus.ConcentusEncode(), () => concentus.ConcentusEncodeVoip(),
        ];
        (double Median, double Low, double High)[] costs = Stopwatches.Compare(41, 25, actions);
        output.WriteLine("per packet of 20 ms, speech: median µs (25th-75th percentile), bytes allocated");
        for (int i = 0; i < names.Length; i++)
        {
            output.WriteLine($"  {names[i],-48} {costs[i].Median,8:F2} ({costs[i].Low:F2}-{costs[i].High:F2}) {Bytes(actions[i]),8:F0}");
        }

        output.WriteLine(
            $"  uplink {costs[1].Median / costs[0].Median:F3}x of bare decode, downlink {costs[3].Median / costs[2].Median:F3}x of bare "
                + $"encode");
        up.Cleanup();
        down.Cleanup();
        decode.Cleanup();
        Array.ForEach(encoders, encoder => encoder.Cleanup());
        concentus.Cleanup();
    }

    private static double Bytes(Action action)
    {
        const int Operations = 100;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Operations; i++)
        {
            action();
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Operations;
    }
}
