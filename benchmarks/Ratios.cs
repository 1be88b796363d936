using Bridge.Benchmarks.Peers;

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

        foreach (string name in ResamplerCatalog.Missing)
        {
            output.WriteLine($"skipped, not installed: {name}");
        }
    }
}
