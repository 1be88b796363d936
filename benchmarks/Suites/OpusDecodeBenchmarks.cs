using BenchmarkDotNet.Attributes;
using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;

namespace Bridge.Benchmarks.Suites;

/// <summary>A browser's packet (encoded at 48 kHz, 32 kbit/s) to the model's 24 kHz, by both routes.</summary>
[MemoryDiagnoser]
public class OpusDecodeBenchmarks
{
    private readonly short[] _pcm24 = new short[480];
    private readonly short[] _pcm48 = new short[960];
    private readonly PolyphaseResampler _resampler = new(48000, 24000);
    private OpusCodec _near = null!;
    private OpusCodec _far = null!;
    private byte[][] _packets = [];
    private int _at;

    [GlobalSetup]
    public void Setup()
    {
        _near = new OpusCodec();
        _far = new OpusCodec(new OpusCodecOptions { SampleRate = 48000 });
        _packets = CallMaterial.Packets(new OpusCodecOptions { SampleRate = 48000 });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int At24kHz() => _near.Decode(_packets[_at++ % _packets.Length], _pcm24);

    [Benchmark]
    public int ByWayOf48kHz()
    {
        _far.Decode(_packets[_at++ % _packets.Length], _pcm48);
        return _resampler.Process(_pcm48, _pcm24);
    }

    [Benchmark]
    public int Concealment() => _near.Conceal([], _pcm24);
}
