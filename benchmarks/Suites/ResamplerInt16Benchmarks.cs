using BenchmarkDotNet.Attributes;
using Bridge.Audio.Resampling;

namespace Bridge.Benchmarks.Suites;

/// <summary>One 20 ms mono int16 frame through our resampler, for every ratio that a call can need.</summary>
[MemoryDiagnoser]
public class ResamplerInt16Benchmarks
{
    private PolyphaseResampler _resampler = null!;
    private short[] _input = [];
    private short[] _output = [];

    [Params("48->24", "24->48", "8->24", "24->8", "44.1->24", "22.05->24")]
    public string Rates { get; set; } = "48->24";

    [GlobalSetup]
    public void Setup()
    {
        int[] rates =
        [
            .. Rates.Split("->").Select(rate => (int)(double.Parse(rate, System.Globalization.CultureInfo.InvariantCulture) * 1000)),
        ];
        _resampler = new PolyphaseResampler(rates[0], rates[1]);
        _input = [.. Enumerable.Range(0, rates[0] / 50).Select(i => (short)(10000 * MathF.Sin(i * 0.1f)))];
        _output = new short[rates[1] / 50];
    }

    [Benchmark]
    public int Frame() => _resampler.Process(_input, _output);
}
