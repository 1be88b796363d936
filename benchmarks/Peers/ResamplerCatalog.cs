using Bridge.Audio.Resampling;


namespace Bridge.Benchmarks.Peers;

/// <summary>Every resampler that can be measured on this machine, and the names of those that cannot.</summary>
internal static class ResamplerCatalog
{
    private static readonly (string Name, Func<bool> Installed, Func<int, int, IStreamResampler> Make)[] All =
    [
        ("ours", () => true, (from, to) => new OwnResampler(from, to, VectorWidths.Best)),
        ("ours-256", () => true, (from, to) => new OwnResampler(from, to, VectorWidth.Eight)),
        ("ours-128", () => true, (from, to) => new OwnResampler(from, to, VectorWidth.Four)),
        ("ours-scalar", () => true, (from, to) => new OwnResampler(from, to, VectorWidth.Scalar)),
        ("speexdsp-q5", () => SpeexResampler.IsInstalled, (from, to) => new SpeexResampler(from, to, 5)),
        ("speexdsp-q10", () => SpeexResampler.IsInstalled, (from, to) => new SpeexResampler(from, to, 10)),
        ("soxr-mq", () => SoxrResampler.IsInstalled, (from, to) => new SoxrResampler(from, to, SoxrResampler.MediumQuality)),
        ("soxr-hq", () => SoxrResampler.IsInstalled, (from, to) => new SoxrResampler(from, to, SoxrResampler.HighQuality)),
        ("soxr-vhq", () => SoxrResampler.IsInstalled, (from, to) => new SoxrResampler(from, to, SoxrResampler.VeryHighQuality)),
        ("samplerate-fastest", () => SampleRateResampler.IsInstalled, (from, to) =>
            new SampleRateResampler(from, to, SampleRateResampler.Fastest)),
        ("linear", () => true, (from, to) => new LinearResampler(from, to)),
    ];

    internal static IEnumerable<string> Installed => All.Where(entry => entry.Installed()).Select(entry => entry.Name);

    internal static IEnumerable<string> Missing => All.Where(entry => !entry.Installed()).Select(entry => entry.Name);

    internal static IStreamResampler Make(string name, int from, int to) => All.First(entry => entry.Name == name).Make(from, to);
}
