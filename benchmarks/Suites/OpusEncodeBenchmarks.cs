using BenchmarkDotNet.Attributes;
using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;

namespace Bridge.Benchmarks.Suites;

/// <summary>20 ms of the model's speech to a packet of 32 kbit/s, by both routes and at the settings worth comparing.</summary>
[MemoryDiagnoser]
public class OpusEncodeBenchmarks
{
    private readonly byte[] _packet = new byte[1275];
    private readonly short[] _pcm48 = new short[960];
    private readonly PolyphaseResampler _resampler = new(24000, 48000);
    private OpusCodec _codec = null!;
    private OpusCodec _far = null!;
    private int _at;

    [Params("Voip/5", "Voip/5/noFEC", "Voip/0", "Voip/10", "Audio/5", "RestrictedLowDelay/5")]
    public string Setting { get; set; } = "Voip/5";

    [GlobalSetup]
    public void Setup()
    {
        string[] parts = Setting.Split('/');
        var options = new OpusCodecOptions
        {
            Application = Enum.Parse<OpusApplication>(parts[0]),
            Complexity = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            ForwardErrorCorrection = parts.Length < 3,
        };
        _codec = new OpusCodec(options);
        _far = new OpusCodec(options with { SampleRate = 48000 });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _codec.Dispose();
        _far.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int At24kHz() => _codec.Encode(Next(), _packet);

    [Benchmark]
    public int ByWayOf48kHz()
    {
        _resampler.Process(Next(), _pcm48);
        return _far.Encode(_pcm48, _packet);
    }

    private ReadOnlySpan<short> Next() => CallMaterial.Speech24.AsSpan(_at++ % (CallMaterial.Speech24.Length / 480) * 480, 480);
}
