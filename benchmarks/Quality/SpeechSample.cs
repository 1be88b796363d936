using System.Diagnostics;
using System.Runtime.InteropServices;
using Bridge.Audio.Resampling;

namespace Bridge.Benchmarks.Quality;

/// <summary>Speech to judge codecs by: espeak-ng where it is installed, else a voice-like sound; 48 kHz float, peak 0.4.</summary>
internal static class SpeechSample
{
    private const string Text =
        "The quick brown fox jumps over the lazy dog. She sells sea shells by the sea shore. "
        + "Please whisk three eggs with a pinch of salt, then fold in the flour. How much is it? Sixty six euros and fifteen cents.";

    internal static (float[] Samples, string Source) Load()
    {
        float[]? spoken = Espeak();
        float[] samples = spoken ?? Voice();
        float peak = samples.Max(MathF.Abs);
        return ([.. samples.Select(x => x * 0.4f / peak)], spoken is null ? "synthetic voice" : "espeak-ng");
    }

    private static float[]? Espeak()
    {
        try
        {
            var start = new ProcessStartInfo("espeak-ng")
            {
                RedirectStandardOutput = true, ArgumentList = { "-v", "en-us", "-s", "150", "--stdout", Text },
            };
            using Process? process = Process.Start(start);
            if (process is null)
            {
                return null;
            }

            using var wave = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(wave);
            process.WaitForExit();

            // A WAV of 22.05 kHz mono int16 behind a header of 44 bytes.
            byte[] bytes = wave.ToArray();
            if (process.ExitCode != 0 || bytes.Length < 100_000)
            {
                return null;
            }

            float[] samples =
            [
                .. MemoryMarshal.Cast<byte, short>(bytes.AsSpan(44, (bytes.Length - 44) & ~1)).ToArray().Select(x => x / 32768f),
            ];
            var resampler = new PolyphaseResampler(22050, 48000);
            float[] wide = new float[resampler.OutputCount(samples.Length)];
            resampler.Process(samples, wide);
            return wide;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // not installed
        }
    }

    private static float[] Voice()
    {
        var random = new Random(1);
        float[] samples = new float[48000 * 10];
        double phase = 0;
        double[] state = new double[6];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = i / 48000.0;
            phase += (120 + (20 * Math.Sin(2 * Math.PI * 0.7 * t))) / 48000;
            double source = phase >= 1 ? 1 : 0;
            phase -= Math.Floor(phase);
            double x = Math.Max(0, Math.Sin(2 * Math.PI * 2.5 * t)) * (source + (0.02 * (random.NextDouble() - 0.5)));
            for (int f = 0; f < 3; f++)
            {
                double frequency = (f, Math.Sin(2 * Math.PI * 0.4 * t)) switch
                {
                    (0, double s) => 500 + (150 * s), (1, double s) => 1500 - (300 * s), (_, double s) => 2500 + (200 * s),
                };
                double r = Math.Exp(-Math.PI * (80 + (60 * f)) / 48000);
                double y = x + (2 * r * Math.Cos(2 * Math.PI * frequency / 48000) * state[2 * f]) - (r * r * state[(2 * f) + 1]);
                (state[(2 * f) + 1], state[2 * f]) = (state[2 * f], y);
                x = y;
            }

            samples[i] = (float)x;
        }

        return samples;
    }
}
