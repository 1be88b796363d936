using BenchmarkDotNet.Attributes;
using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using Bridge.Native.Opus;

namespace Bridge.Benchmarks.Suites;

/// <summary>The whole uplink for one packet, beside libopus alone on the same packets.</summary>
[MemoryDiagnoser]
public class UplinkBenchmarks
{
    private readonly short[] _pcm = new short[AudioUplink.MaxPull];
    private OpusDecoderHandle _bare = null!;
    private OpusCodec _codec = null!;
    private AudioUplink _uplink = null!;
    private byte[][] _packets = [];
    private byte[] _levels = [];
    private int _at;
    private long _sent;

    [GlobalSetup]
    public void Setup()
    {
        _bare = OpusDecoderHandle.Create(24000, channels: 1);
        _codec = new OpusCodec();
        _uplink = new AudioUplink(_codec);
        _levels = CallMaterial.Levels();
        _packets = CallMaterial.Packets(new OpusCodecOptions { SampleRate = 48000 });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bare.Dispose();
        _codec.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int BareDecode() => _bare.Decode(_packets[_at++ % _packets.Length], _pcm, forwardErrorCorrection: false);

    [Benchmark]
    public int Packet()
    {
        var now = TimeSpan.FromMilliseconds(20 * _sent);
        _uplink.Push(now, (ushort)_sent, (uint)(_sent * 960), _packets[_sent % _packets.Length], _levels[_sent % _packets.Length]);
        _sent++;
        int total = 0;
        for (int count; (count = _uplink.Pull(now, _pcm)) > 0;)
        {
            total += count;
        }

        return total;
    }
}
