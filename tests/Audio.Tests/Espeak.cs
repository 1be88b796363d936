using System.Diagnostics;
using System.Runtime.InteropServices;
using Bridge.Audio.Resampling;

namespace Bridge.Audio.Tests;

/// <summary>Lines spoken by espeak-ng, 48 kHz.</summary>
internal static class Espeak
{
    /// <summary>Speaks; null where espeak-ng is not installed.</summary>
    internal static short[]? Speak(string voice, int wordsPerMinute, string text)
    {
        try
        {
            var start = new ProcessStartInfo("espeak-ng")
            {
                RedirectStandardOutput = true,
                ArgumentList =
                {
                    "-v", voice, "-s", wordsPerMinute.ToString(System.Globalization.CultureInfo.InvariantCulture), "--stdout", text,
                },
            };
            using Process process = Process.Start(start)!;
            using var wave = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(wave);
            process.WaitForExit();

            // A WAV of 22.05 kHz mono int16 behind a header of 44 bytes.
            ReadOnlySpan<short> spoken = MemoryMarshal.Cast<byte, short>(wave.ToArray().AsSpan(44, (int)(wave.Length - 44) & ~1));
            var resampler = new PolyphaseResampler(22050, 48000);
            short[] wide = new short[resampler.OutputCount(spoken.Length)];
            resampler.Process(spoken, wide);
            return wide;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
