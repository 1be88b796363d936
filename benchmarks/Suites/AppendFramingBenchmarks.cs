using BenchmarkDotNet.Attributes;
using Bridge.Realtime.OpenAi;

namespace Bridge.Benchmarks.Suites;

/// <summary>20 ms of microphone audio as <c>input_audio_buffer.append</c>: base64 and frame, queued and taken for the socket.</summary>
[MemoryDiagnoser]
public class AppendFramingBenchmarks
{
    private readonly SendQueue _queue = new(audioBoundMilliseconds: 1000, commandBound: 16);
    private readonly short[] _pcm = [.. Enumerable.Range(0, 480).Select(i => (short)(i * 50))];

    [Benchmark(Baseline = true)]
    public int Ours()
    {
        _queue.TryAudio(_pcm, 0);
        _queue.TryTake(out SendQueue.Entry entry);
        _queue.Return(entry);
        return entry.Length;
    }

    [Benchmark]
    public int ByJsonSerializer() => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
    {
        type = "input_audio_buffer.append",
        audio = Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_pcm.AsSpan())),
    }).Length;
}
