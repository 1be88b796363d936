using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Tests;

/// <summary><c>proc</c>: the resampler for anybody's own files.</summary>
public sealed class RawFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-proc-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("s16", sizeof(short))]
    [InlineData("f32", sizeof(float))]
    public void A_file_is_converted_to_the_exact_count_of_samples(string format, int width)
    {
        string source = Write(new byte[48_001 * width]);
        Assert.Equal(0, Run("48000", "24000", format, source, Target));
        Assert.Equal(24_000 * width, new FileInfo(Target).Length);
        Assert.Contains("24000 of 24000 Hz", _output.ToString());
    }

    [Fact]
    public void Samples_that_are_no_numbers_do_not_spread()
    {
        float[] samples = [.. Enumerable.Range(0, 9600).Select(i => i == 100 ? float.NaN : 0.25f)];
        string source = Write(MemoryMarshal.AsBytes(samples.AsSpan()).ToArray());
        Assert.Equal(0, Run("48000", "24000", "f32", source, Target));
        float[] converted = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Target)).ToArray();
        Assert.All(converted, x => Assert.True(float.IsFinite(x)));
        Assert.Equal(0.25f, converted[^1], 0.002f);
    }

    [Fact]
    public void What_cannot_be_done_is_said_in_a_sentence()
    {
        string odd = Write(new byte[3]);
        Assert.Equal(2, Run("48000", "24000", "s16", odd, Target));
        Assert.Equal(2, Run("11025", "24000", "s16", odd, Target));
        Assert.Equal(2, Run("48000", "24000", "s24", odd, Target));
        Assert.Equal(2, Run("48000", "24000", "s16", Path.Combine(_folder, "none"), Target));
        string[] sentences = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, sentences.Length);
        Assert.Contains("3 bytes are no whole number", sentences[0]);
        Assert.Contains("11025 to 24000 Hz is not supported", sentences[1]);
        Assert.Contains("usage", sentences[2]);
        Assert.Contains("no such file", sentences[3]);
        Assert.False(File.Exists(Target));
    }

    private string Target => Path.Combine(_folder, "out.raw");

    private int Run(params string[] args) => RawFile.Run(args, _output, _error);

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(_folder, "in.raw");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
