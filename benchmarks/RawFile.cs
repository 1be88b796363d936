using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Bridge.Audio.Resampling;

namespace Bridge.Benchmarks;

/// <summary>
/// <c>-- proc RATE_IN RATE_OUT s16|f32 IN OUT</c>: a raw mono file through the resampler in 20 ms frames, for anybody's own analysis.
/// </summary>
internal static class RawFile
{
    internal const string Usage = "proc RATE_IN RATE_OUT s16|f32 IN OUT (raw mono, little endian)";

    internal static int Run(string[] args, TextWriter output, TextWriter error)
    {
        if (args is not [string from, string to, string format, string source, string target]
            || !int.TryParse(from, CultureInfo.InvariantCulture, out int rateIn)
            || !int.TryParse(to, CultureInfo.InvariantCulture, out int rateOut)
            || format is not ("s16" or "f32"))
        {
            error.WriteLine($"usage: {Usage}");
            return 2;
        }

        if (!PolyphaseResampler.TryCreate(rateIn, rateOut, out PolyphaseResampler? resampler))
        {
            error.WriteLine(
                $"{rateIn} to {rateOut} Hz is not supported; the rates are {string.Join(", ", PolyphaseResampler.SupportedRates)}.");
            return 2;
        }

        if (!File.Exists(source))
        {
            error.WriteLine($"{source}: there is no such file.");
            return 2;
        }

        byte[] bytes = File.ReadAllBytes(source);
        int width = format == "s16" ? sizeof(short) : sizeof(float);
        if (bytes.Length % width != 0)
        {
            error.WriteLine($"{source}: {bytes.Length} bytes are no whole number of {format} samples.");
            return 2;
        }

        long start = Stopwatch.GetTimestamp();
        byte[] converted = format == "s16"
            ? Convert<short>(resampler, bytes, (input, room) => resampler.Process(input, room))
            : Convert<float>(resampler, bytes, (input, room) => resampler.Process(input, room));
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        File.WriteAllBytes(target, converted);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes.Length / width} samples of {rateIn} Hz to {converted.Length / width} of {rateOut} Hz; delay "
                + $"{resampler.Delay.TotalMilliseconds:F4} ms; {took.TotalMilliseconds:F1} ms"));
        return 0;
    }

    private delegate int Step<T>(ReadOnlySpan<T> input, Span<T> room);

    private static byte[] Convert<T>(PolyphaseResampler resampler, byte[] bytes, Step<T> step)
        where T : unmanaged
    {
        ReadOnlySpan<T> input = MemoryMarshal.Cast<byte, T>(bytes);
        T[] output = new T[resampler.OutputCount(input.Length)];
        int written = 0;
        for (int frame = resampler.InputRate / 50; !input.IsEmpty; input = input[Math.Min(frame, input.Length)..])
        {
            written += step(input[..Math.Min(frame, input.Length)], output.AsSpan(written));
        }

        return MemoryMarshal.AsBytes(output.AsSpan(0, written)).ToArray();
    }
}
