using BenchmarkDotNet.Attributes;
using Bridge.Benchmarks.Peers;

namespace Bridge.Benchmarks.Suites;

/// <summary>One 20 ms mono float frame through each resampler that is installed.</summary>
[MemoryDiagnoser]
public class ResamplerBenchmarks
{
    private IStreamResampler _resampler = null!;
    private float[] _input = [];
    private float[] _output = [];

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "ours";

    [Params("48->24", "24->48")]
    public string Rates { get; set; } = "48->24";

    public static IEnumerable<string> Names =>
        ResamplerCatalog.Installed.Where(name => name is not ("ours-128" or "speexdsp-q10" or "soxr-hq"));

    [GlobalSetup]
    public void Setup()
    {
        (int from, int to) = Rates == "48->24" ? (48000, 24000) : (24000, 48000);
        _resampler = ResamplerCatalog.Make(Name, from, to);
        _input = [.. Enumerable.Range(0, from / 50).Select(i => MathF.Sin(i * 0.1f))];
        _output = new float[(to / 50) + 256];
    }

    [GlobalCleanup]
    public void Cleanup() => _resampler.Dispose();

    [Benchmark]
    public int Frame() => _resampler.Process(_input, _output);
}
