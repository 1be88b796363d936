using BenchmarkDotNet.Attributes;
using Bridge.Audio.Codecs;

namespace Bridge.Benchmarks.Suites;

/// <summary>
/// Concentus at the settings of a call, as libopus has them in the suites of the codec: 20 ms to or from the model's 24 kHz.
/// </summary>
[MemoryDiagnoser]
public class EngineBenchmarks
{
    private readonly short[] _pcm = new short[480];
    private readonly byte[] _packet = new byte[1275];
    private ConcentusCodec _codec = null!;
    private ConcentusCodec _redundant = null!;
    private byte[][] _packets = [];
    private int _at;

    [GlobalSetup]
    public void Setup()
    {
        _codec = new ConcentusCodec();
        _redundant = new ConcentusCodec(new OpusCodecOptions { Application = OpusApplication.Voip });
        _packets = CallMaterial.Packets(new OpusCodecOptions { SampleRate = 48000 });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _codec.Dispose();
        _redundant.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int ConcentusDecode() => _codec.Decode(_packets[_at++ % _packets.Length], _pcm);

    [Benchmark]
    public int ConcentusConcealment() => _codec.Conceal([], _pcm);

    [Benchmark]
    public int ConcentusEncode() => _codec.Encode(Next(), _packet);

    [Benchmark]
    public int ConcentusEncodeVoip() => _redundant.Encode(Next(), _packet);

    private ReadOnlySpan<short> Next() => CallMaterial.Speech24.AsSpan(_at++ % (CallMaterial.Speech24.Length / 480) * 480, 480);
}
