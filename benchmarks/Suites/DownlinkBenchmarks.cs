using BenchmarkDotNet.Attributes;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;

namespace Bridge.Benchmarks.Suites;

/// <summary>The whole downlink for one packet, beside libopus alone on the same speech.</summary>
[MemoryDiagnoser]
public class DownlinkBenchmarks
{
    private readonly byte[] _packet = new byte[1275];
    private OpusCodec _bare = null!;
    private OpusCodec _codec = null!;
    private PlayoutQueue _queue = null!;
    private int _at;
    private long _ticks;

    [GlobalSetup]
    public void Setup()
    {
        _bare = new OpusCodec();
        _codec = new OpusCodec();
        _queue = new PlayoutQueue(_codec);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bare.Dispose();
        _codec.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int BareEncode() => _bare.Encode(Frame(_at++), _packet);

    [Benchmark]
    public int Packet()
    {
        _queue.Append("item", 0, Frame((int)(_ticks % 1_000_000)));
        _ = _queue.TryTake(TimeSpan.FromMilliseconds(20 * _ticks++), _packet, out PlayoutFrame frame);
        return frame.Length;
    }

    private static ReadOnlySpan<short> Frame(int i) => CallMaterial.Speech24.AsSpan(i % (CallMaterial.Speech24.Length / 480) * 480, 480);
}
